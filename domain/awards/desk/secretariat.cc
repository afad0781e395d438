#include "domain/awards/desk/secretariat.h"

#include <algorithm>

#include "base/refusal.h"
#include "domain/awards/blind/masker.h"
#include "domain/awards/blind/pdf.h"
#include "sense/clean_text.h"
#include "twin/utf8.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using base::Status;

constexpr std::string_view kOwnSteps[] = {"accept_entry",      "ask_information", "reject_entry",
                                          "ask_candidate",     "end_questions",   "begin_review",
                                          "announce_transfer", "transfer",        "disqualify"};

bool needs_note(std::string_view verb) {
  return verb == "reject_entry" || verb == "disqualify" || verb == "announce_transfer";
}

// One text of an answer: of a field, and where it is written in languages, of one of them.
struct Piece {
  const Field* field{};
  std::string language, text;
};

std::vector<Piece> pieces_of(const Cycle& cycle, const JsonValue& answers) {
  std::vector<Piece> out;
  for (const Field& field : cycle.fields) {
    const JsonValue* const value = answers.find(field.id);
    if (!value || field.blind != Blind::mask) continue;
    if (value->text() && field.type != FieldType::choice) out.push_back({&field, "", *value->text()});
    if (!field.both || !value->object()) continue;
    for (const auto& [language, text] : *value->object())
      if (text.text()) out.push_back({&field, language, *text.text()});
  }
  return out;
}

// What is known of the applicant: all that must not be read in the texts.
std::vector<blind::Identity> known_of(const Cycle& cycle, const Applicant& who, const JsonValue& answers) {
  std::vector<blind::Identity> out;
  const auto add = [&](blind::Kind kind, std::initializer_list<std::string> names) {
    blind::Identity one{kind, {}};
    for (const std::string& name : names)
      if (!name.empty()) one.names.push_back(name);
    if (!one.names.empty()) out.push_back(std::move(one));
  };
  add(blind::Kind::organisation, {who.unit.zh, who.unit.en});
  add(blind::Kind::place, {who.city});
  add(blind::Kind::person, {who.person});
  for (const Field& field : cycle.fields) {
    if (!field.title && field.blind != Blind::hide) continue;
    const std::string first = text_of(cycle, field, answers, "zh"), second = text_of(cycle, field, answers, "en");
    const blind::Kind kind = field.title                                             ? blind::Kind::project
                             : field.type == FieldType::email                        ? blind::Kind::email
                             : field.type == FieldType::phone                        ? blind::Kind::phone
                             : field.id == "contact"                                 ? blind::Kind::person
                             : field.id == "place" || field.type == FieldType::place ? blind::Kind::place
                                                                                     : blind::Kind::organisation;
    add(kind, {first, second == first ? "" : second});
  }
  return out;
}

blind::Decisions decisions_of(const JsonValue& given) {
  blind::Decisions out;
  const auto each = [&](std::string_view key, const auto& call) {
    const JsonValue* const list = given.find(key);
    if (!list || !list->array()) return;
    for (const JsonValue& one : *list->array())
      if (one.text() && !one.text()->empty()) call(*one.text());
  };
  each("mask", [&](const std::string& text) { out.mask.push_back({blind::Kind::organisation, {text}}); });
  each("keep", [&](const std::string& text) { out.keep.push_back(text); });
  return out;
}

void write_found(JsonWriter& out, std::span<const blind::Masked> all) {
  out.key("spans").array();
  for (const blind::Masked& masked : all) {
    for (const blind::Span& one : masked.spans) {
      out.object().field("begin", one.begin).field("end", one.end);
      out.field("kind", blind::to_string(one.kind)).field("found", blind::to_string(one.found));
      out.field("original", one.original).field("replacement", one.replacement).end();
    }
  }
  out.end().key("doubts").array();
  for (const blind::Masked& masked : all) {
    for (const blind::Doubt& one : masked.doubts) {
      out.object().field("begin", one.begin).field("end", one.end);
      out.field("kind", blind::to_string(one.kind)).field("original", one.original).end();
    }
  }
  out.end();
}

void write_found(JsonWriter& out, const Piece& piece, const blind::Masked& masked) {
  out.object().field("field", piece.field->id).field("language", piece.language).field("text", masked.text);
  out.field("before", piece.text);
  write_found(out, std::span(&masked, 1));
  out.end();
}

// A PDF of the proposal, with what was read in it.
struct ReadFile {
  StoredFile file;
  Result<blind::PdfTexts> read;
};

// Makes the blind copy of a file whose texts are masked, and tells what the secretary should look at.
void write_blind_copy(JsonWriter& out, const Vault& vault, const ReadFile& one, std::span<const blind::Masked> masked,
                      const blind::PdfRules& rules) {
  out.object().field("id", one.file.id).field("slot", one.file.slot).field("name", one.file.name);
  Status made = one.read ? Status{} : Status(std::unexpected(one.read.error()));
  if (made) {
    const auto copy = blind::blind_pdf(vault.path(one.file.id), *one.read, masked, rules);
    made = copy ? vault.keep_blind(one.file.id, *copy) : Status(std::unexpected(copy.error()));
  }
  if (!made) vault.drop_blind(one.file.id);
  out.field("problem", made ? "" : made.error().message).key("pagesToLookAt").array();
  if (made) {
    for (const std::size_t page : one.read->pages_to_look_at()) out.number(double(page + 1));
  }
  out.end();
  write_found(out, masked);
  out.end();
}

std::unexpected<base::Error> stopped_between_pages() {
  return fail(Errc::unavailable, "stopped between two pages");
}

// The answers as they were, with the masked texts in their places and nothing of hidden fields.
std::string masked_answers(const Cycle& cycle, const JsonValue& answers, const std::vector<Piece>& pieces,
                           const std::vector<blind::Masked>& masked) {
  JsonWriter out;
  out.object();
  for (const Field& field : cycle.fields) {
    const JsonValue* const value = answers.find(field.id);
    if (!value || field.blind == Blind::hide) continue;
    bool any = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (pieces[i].field != &field) continue;
      if (pieces[i].language.empty()) out.field(field.id, masked[i].text);
      else (any ? out : out.key(field.id).object()).field(pieces[i].language, masked[i].text);
      any = any || !pieces[i].language.empty();
    }
    if (any) out.end();
    else if (std::ranges::find(pieces, &field, &Piece::field) == pieces.end()) value->write(out.key(field.id));
  }
  return out.end().take();
}

}  // namespace

bool is_masked(const StoredFile& file) {
  return file.round != "materials" && file.media_type == "application/pdf";
}

Result<Proposal> Secretariat::submitted(std::string_view id) {
  auto found = TRY(entries_.book().proposal(id));
  if (!found || found->number.empty()) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  return *std::move(found);
}

Status Secretariat::ask(const std::string& by, const Proposal& one, const std::string& text, Instant now) {
  TRY(entries_.book().ask({0, one.id, text, by, "", now}));
  return {};
}

Status Secretariat::check_transfer(const Proposal& one, const std::string& note, Instant now) {
  if (one.transfer_to.empty())
    return refuse(Errc::conflict, "调整类别须先通知申报方", "a transfer is announced to the applicant first");
  const Transfer told = transfer_in(TRY(entries_.book().events(one.id)));
  const bool replied = told.replied_at != base::kNever;
  if (replied && !told.agreed && note.empty())
    return refuse(Errc::invalid, "申报方有异议：仍要调整须说明理由",
                  "the applicant objected: a transfer all the same has a reason");
  if (!replied && now < told.announced_at + kTransferNotice)
    return refuse(Errc::conflict, "申报方可在 {} 前答复", "the applicant has until {} to reply",
                  entries_.cycle(one.cycle)->local(told.announced_at + kTransferNotice));
  return {};
}

Result<Proposal> Secretariat::step(const std::string& by, std::string_view id, const JsonValue& body, Instant now) {
  Proposal one = TRY(submitted(id));
  const Cycle& cycle = *entries_.cycle(one.cycle);
  const std::string verb = body.text_or("verb", "");
  if (std::ranges::find(kOwnSteps, verb) == std::end(kOwnSteps))
    return refuse(Errc::invalid, "“verb”应为以下之一：{}", "'verb' is one of: {}",
                  fmt::format("{}", fmt::join(kOwnSteps, ", ")));
  const std::string note = TRY(sense::checked_text("note", body.text_or("note", ""), {4000, false}));
  const bool asks = verb == "ask_information" || verb == "ask_candidate";
  if (note.empty() && (asks || needs_note(verb)))
    return refuse(Errc::invalid, "这一步须附说明：内容与理由", "this step needs a note: what, and why");
  const std::string category = body.text_or("category", "");
  if (verb == "announce_transfer" && (!cycle.category(category) || category == one.category))
    return refuse(Errc::invalid, "请选择本周期的另一个类别", "'category' is another one of the cycle's");
  if (verb == "announce_transfer" && !cycle.open("transfer", now))
    return refuse(Errc::conflict, "调整类别的时间已过", "the time of transfers is over");
  if (verb == "transfer") TRY(check_transfer(one, note, now));
  one = TRY(entries_.take(one, verb, by, "secretary", now));
  if (asks) TRY(ask(by, one, note, now));
  if (verb == "announce_transfer") one.transfer_to = category;
  if (verb == "transfer") one.category = std::exchange(one.transfer_to, "");
  TRY(entries_.book().put_proposal(one));
  TRY(entries_.note(one, now, by, verb, note));
  return one;
}

// masking

Status Secretariat::mask(const Proposal& one, const JsonValue& given, Instant now, const blind::PageDone& page_done,
                         JsonWriter& report) {
  const Cycle& cycle = *entries_.cycle(one.cycle);
  const auto version = TRY(entries_.book().submission(one.id, one.version));
  const auto who = TRY(entries_.book().applicant(one.applicant));
  if (!version || !who) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  const JsonValue received = TRY(JsonValue::parse(version->text));
  const JsonValue* const answers = received.find("answers");
  if (!answers) return fail(Errc::corrupt, "the submission has no answers");
  const auto pieces = pieces_of(cycle, *answers);
  std::vector<std::string> texts;
  for (const Piece& piece : pieces) texts.push_back(piece.text);
  auto known = known_of(cycle, *who, *answers);
  blind::PdfRules rules;
  rules.scratch = entries_.vault().scratch();
  bool stopped = false;
  rules.page_done = [&] { return !(stopped = !page_done()); };
  std::vector<ReadFile> files;
  for (StoredFile& file : TRY(entries_.book().files(one.id))) {
    if (!is_masked(file)) continue;
    auto read = blind::read_pdf(entries_.vault().path(file.id), rules);
    if (read) {
      for (std::string& text : read->texts()) texts.push_back(std::move(text));
      known.insert(known.end(), read->authors.begin(), read->authors.end());
    }
    files.push_back({std::move(file), std::move(read)});
    if (stopped) return stopped_between_pages();
  }
  const auto all = blind::blind_texts(known, texts, decisions_of(given));
  const std::vector<blind::Masked> masked(all.begin(), all.begin() + std::ptrdiff_t(pieces.size()));
  report.key("texts").array();
  for (std::size_t i = 0; i < pieces.size(); ++i) write_found(report, pieces[i], masked[i]);
  report.end().key("files").array();
  std::span<const blind::Masked> rest = std::span(all).subspan(pieces.size());
  for (const ReadFile& file : files) {
    const std::size_t count = file.read ? file.read->texts().size() : 0;
    write_blind_copy(report, entries_.vault(), file, rest.first(count), rules);
    rest = rest.subspan(count);
    if (stopped) return stopped_between_pages();
  }
  report.end();
  return jury_.book().put_masking({one.id, masked_answers(cycle, *answers, pieces, masked), given.dump(), {}, "", now});
}

Result<Masking> Secretariat::release(const std::string& by, const Proposal& one, const JsonValue& body, Instant now) {
  auto masking = TRY(jury_.book().masking(one.id));
  if (const auto run = TRY(jury_.book().run(one.id)); run && run->state == RunState::waiting)
    return refuse(Errc::conflict, "盲审处理尚未完成", "it is being masked: it can be released afterwards");
  if (!masking) return refuse(Errc::conflict, "尚未进行盲审处理", "nothing has been masked yet");
  masking->files.clear();
  const auto files = TRY(entries_.book().files(one.id));
  if (const JsonValue* const list = body.find("files"); list && list->array()) {
    for (const JsonValue& id : *list->array()) {
      const auto known = std::ranges::find(files, id.text() ? *id.text() : "", &StoredFile::id);
      if (known == files.end() || known->media_type != "application/pdf")
        return refuse(Errc::invalid, "只有本申报的 PDF 可供评委查看",
                      "only PDFs of the proposal can be shown to jurors");
      if (!entries_.vault().read_blind(known->id))
        return refuse(Errc::conflict, "“{}”没有可供评委查看的盲审副本",
                      "there is no blind copy of '{}' that jurors could be shown", known->name);
      masking->files.push_back(known->id);
    }
  }
  masking->released_by = by;
  masking->at = now;
  TRY(jury_.book().put_masking(*masking));
  TRY(entries_.note(one, now, by, "released", fmt::format("{} files", masking->files.size())));
  return *masking;
}

}  // namespace cityloop::awards
