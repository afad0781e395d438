#include "domain/awards/entry/entry_desk.h"

#include <algorithm>

#include "base/refusal.h"
#include "sense/clean_text.h"
#include "text/normal.h"
#include "twin/utf8.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::refuse;
using base::Result;
using base::Status;
using namespace std::chrono_literals;

constexpr std::string_view kApplicantRole = "applicant";
constexpr std::size_t kAnswerMax = 4000;

std::unexpected<base::Error> no_such_proposal() {
  return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
}

std::unexpected<base::Error> still_missing(const std::vector<Lack>& lacks) {
  base::Flaws all;
  for (const Lack& one : lacks) all.tell("{1}", "{0}: {2}", one.where, one.text.zh, one.text.en);
  return std::unexpected(all.none(Errc::invalid).error());
}

std::string seconds_of(base::Duration d) {
  return fmt::format("{:.3f}", double(d.count()) / 1e6);
}

}  // namespace

std::string_view round_of(std::string_view stage) {
  if (stage == "draft" || stage == "submitted") return "submission";
  if (stage == "asked" || stage == "questioned") return "questions";
  return stage == "confirmed" ? "materials" : "";
}

bool has_ended(std::string_view stage) {
  constexpr std::string_view kEnds[] = {"awarded",  "honoured",     "not_shortlisted", "lost",
                                        "rejected", "disqualified", "withdrawn"};
  return std::ranges::find(kEnds, stage) != std::end(kEnds);
}

bool is_public_stage(std::string_view stage) {
  return stage == "confirmed" || stage == "awarded" || stage == "honoured";
}

Transfer transfer_in(const std::vector<Event>& events) {
  Transfer out;
  for (const Event& one : events) {
    if (one.what == "announce_transfer") out = {one.at, base::kNever, false, one.why, ""};
    if (one.what != "transfer_agreed" && one.what != "transfer_objected") continue;
    out.replied_at = one.at;
    out.agreed = one.what == "transfer_agreed";
    out.why = one.why;
  }
  return out;
}

std::optional<FileSlot> slot_of(const Cycle& cycle, std::string_view round, std::string_view id) {
  if (round != "materials") {
    const FileSlot* const found = cycle.slot(id);
    return found ? std::optional(*found) : std::nullopt;
  }
  if (id != "video" || !cycle.video) return std::nullopt;
  FileSlot film;
  film.id = "video";
  film.name = {"颁奖视频", "Film for the ceremony"};
  film.kind = FileKind::video;
  film.bytes_max = cycle.video->bytes_max;
  return film;
}

const Cycle* EntryDesk::cycle(std::string_view id) const {
  const auto found = std::ranges::find(cycles_, id, &Cycle::id);
  return found == cycles_.end() ? nullptr : &*found;
}

// the applicant

Result<Applicant> EntryDesk::put_profile(const std::string& account, const JsonValue& body) {
  const auto before = TRY(book_.applicant_of(account));
  Applicant one = before.value_or(Applicant{});
  if (!before) one.id = fmt::format("applicant:{}", make_id().substr(0, 16));
  one.account = account;
  const auto take = [&](std::string_view key, std::string& to, std::size_t most) -> Status {
    if (const JsonValue* value = body.find(key)) {
      if (!value->text()) return refuse(Errc::invalid, "“{}”应为文本", "'{}' is a text", key);
      to = TRY(sense::checked_text(key, *value->text(), {most, true}));
    }
    return {};
  };
  if (const JsonValue* unit = body.find("unit")) {
    one.unit.zh = TRY(sense::checked_text("unit", unit->text_or("zh", ""), {160, true}));
    one.unit.en = TRY(sense::checked_text("unit", unit->text_or("en", ""), {160, true}));
  }
  TRY(take("unitCode", one.unit_code, 40));
  TRY(take("city", one.city, 80));
  TRY(take("person", one.person, 80));
  TRY(take("email", one.email, 200));
  TRY(take("phone", one.phone, 40));
  TRY(take("language", one.language, 2));
  if (one.language != "zh" && one.language != "en")
    return refuse(Errc::invalid, "语言应为中文或英文", "'language' is zh or en");
  if (!one.complete()) return refuse(Errc::invalid, "请填写单位名称，中文或英文均可", "a unit has a name, in zh or en");
  // The registered code says for certain which unit it is; names are compared as people mean them.
  const std::string known_by = !one.unit_code.empty() ? one.unit_code
                               : !one.unit.zh.empty() ? one.unit.zh
                                                      : one.unit.en;
  one.unit_key = text::normal_form(known_by);
  TRY(book_.put_applicant(one));
  return one;
}

// the proposal

Result<Proposal> EntryDesk::own(const Applicant& who, std::string_view id) {
  auto found = TRY(book_.proposal(id));
  if (!found || found->applicant != who.id) return no_such_proposal();
  return *std::move(found);
}

Status EntryDesk::check_window(const Cycle& cycle, Instant arrived) const {
  if (arrived < cycle.entry.opens)
    return refuse(Errc::conflict, "申报自 {} 开始受理", "entries open at {}", cycle.local(cycle.entry.opens));
  if (arrived >= cycle.entry.closes)
    return refuse(Errc::conflict, "申报已于 {} 截止；本次迟到 {} 秒，到达时间为 {}",
                  "entries closed at {}; this arrived {} s too late, at {}", cycle.local(cycle.entry.closes),
                  seconds_of(arrived - cycle.entry.closes), cycle.local(arrived));
  return {};
}

Result<Proposal> EntryDesk::make(const Applicant& who, std::string_view cycle_id, std::string_view category,
                                 Instant now) {
  const Cycle* const in = cycle(cycle_id);
  if (!in) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  TRY(check_window(*in, now));
  if (!category.empty() && !in->category(category))
    return refuse(Errc::invalid, "没有类别“{}”", "there is no category '{}'", category);
  if (TRY(book_.count({.cycle = in->id, .applicant = who.id})) >= kDraftsMax)
    return refuse(Errc::conflict, "每个申报方最多 {} 项申报", "an applicant has {} proposals at most", kDraftsMax);
  Proposal one;
  one.id = make_id();
  one.cycle = in->id;
  one.applicant = who.id;
  one.category = category;
  one.created_at = one.changed_at = now;
  TRY(book_.put_proposal(one));
  return one;
}

Result<Proposal> EntryDesk::save(const Applicant& who, std::string_view id, unsigned revision,
                                 std::string_view category, const JsonValue* answers, Instant now) {
  Proposal one = TRY(own(who, id));
  const Cycle& in = *cycle(one.cycle);
  const bool before = one.stage == "draft" || one.stage == "submitted";
  if (!before && one.stage != "asked")
    return refuse(Errc::conflict, "现阶段不能修改", "it can be changed no more at its present stage");
  if (before) TRY(check_window(in, now));
  if (revision != one.revision)
    return refuse(Errc::conflict, "内容已在别处更改（第 {} 版）：请重新载入",
                  "it has been changed meanwhile (revision {}): load it anew", one.revision);
  if (!category.empty()) {
    if (!in.category(category)) return refuse(Errc::invalid, "没有类别“{}”", "there is no category '{}'", category);
    if (!before && category != one.category)
      return refuse(Errc::conflict, "现阶段只能通过类别调整更改类别", "the category changes by transfer only now");
    one.category = category;
  }
  if (answers) {
    const JsonValue clean = TRY(read_answers(in, *answers));
    one.answers = clean.dump();
    one.title = title_of(in, clean);
  }
  ++one.revision;
  one.changed_at = now;
  TRY(book_.put_proposal(one));
  return one;
}

Status EntryDesk::drop(const Applicant& who, std::string_view id) {
  const Proposal one = TRY(own(who, id));
  if (!one.number.empty())
    return refuse(Errc::conflict, "已提交的申报可以撤回，不能删除",
                  "it has been submitted: it can be withdrawn, not deleted");
  for (const StoredFile& file : TRY(book_.files(one.id))) vault_.drop(file.id);
  for (const Upload& upload : TRY(book_.uploads(one.id))) vault_.drop_upload(upload.id);
  return book_.drop_draft(one.id);
}

Result<std::vector<Lack>> EntryDesk::lacks(const Applicant& who, const Proposal& one) {
  const Cycle& in = *cycle(one.cycle);
  std::vector<Lack> out = lacks_of(in, one, TRY(book_.files(one.id)));
  if (who.email.empty() || who.person.empty())
    out.push_back({"empty", "applicant", "", {"请先填写联系人与邮箱", "the contact person and e-mail are missing"}});
  const bool waits = !TRY(book_.uploads(one.id)).empty();
  if (waits) out.push_back({"upload_open", "files", "", {"有文件尚未上传完毕", "a file is still on its way"}});
  if (in.per_unit_max > 0 && TRY(book_.of_unit(in.id, who.unit_key, one.id)) >= in.per_unit_max)
    out.push_back({"too_many_of_unit",
                   "applicant",
                   "",
                   {fmt::format("每个单位最多申报 {} 项", in.per_unit_max),
                    fmt::format("a unit enters {} at most", in.per_unit_max)}});
  return out;
}

Result<Submission> EntryDesk::freeze(Proposal& one, std::string_view what, Instant arrived) {
  const Cycle& in = *cycle(one.cycle);
  const auto files = TRY(book_.files(one.id));
  Submission out;
  out.at = arrived;
  one.submitted_at = arrived;
  one.changed_at = arrived;
  TRY(book_.receive(one, in.prefix, out,
                    [&](const Proposal& next) { return frozen_text(in, next, next.version, arrived, files); }));
  const std::string subject = fmt::format("{}/{}", one.number, out.version);
  out.receipt = TRY(log_.append({what, subject, out.text, arrived, in.id, kApplicantRole}));
  TRY(book_.set_receipt(one.id, out.version, out.receipt));
  return out;
}

// The case that runs for it; made where there is none yet.
Status EntryDesk::way_of(Proposal& one, Instant now) {
  if (!one.case_id.empty()) return {};
  one.case_id = TRY(stages_.open(one.number, one.applicant));
  one.stage = "submitted";
  one.changed_at = now;
  return book_.put_proposal(one);
}

Result<Submission> EntryDesk::submit(const Applicant& who, std::string_view id, Instant arrived) {
  Proposal one = TRY(own(who, id));
  const Cycle& in = *cycle(one.cycle);
  if (one.stage != "draft" && one.stage != "submitted")
    return refuse(Errc::conflict, "现阶段不能提交", "it can be submitted no more at its present stage");
  TRY(check_window(in, arrived));
  if (const auto missing = TRY(lacks(who, one)); !missing.empty()) return still_missing(missing);
  const bool again = !one.case_id.empty();
  one.stage = "submitted";
  Submission out = TRY(freeze(one, "submission", arrived));
  // From here on it is received, whatever becomes of the rest; look() makes up for it.
  if (again) (void)take(one, "submit_again", one.applicant, kApplicantRole, arrived);
  else (void)way_of(one, arrived);
  (void)note(one, arrived, one.applicant, again ? "submitted_again" : "submitted", "");
  return out;
}

Result<Submission> EntryDesk::answer(const Applicant& who, std::string_view id, const JsonValue& body,
                                     Instant arrived) {
  Proposal one = TRY(own(who, id));
  const Cycle& in = *cycle(one.cycle);
  const bool screening = one.stage == "asked";
  if (!screening && one.stage != "questioned")
    return refuse(Errc::conflict, "现阶段没有待答复的提问", "nothing is asked of it at its present stage");
  if (const StageWindow* window = in.stage("questions"); !screening && !in.open("questions", arrived))
    return refuse(Errc::conflict, "答复的受理时间为 {} 至 {}；本次到达时间为 {}",
                  "answers are taken from {} until {}; this arrived at {}", in.local(window->when.opens),
                  in.local(window->when.closes), in.local(arrived));
  std::vector<std::pair<std::int64_t, std::string>> answers;
  for (const Question& question : TRY(book_.questions(one.id))) {
    if (question.answered_at != base::kNever) continue;
    const std::string text =
        TRY(sense::checked_text("answer", body.text_or(fmt::format("{}", question.number), ""), {kAnswerMax, false}));
    if (text.empty())
      return refuse(Errc::invalid, "第 {} 个问题尚未答复", "question {} has no answer", question.number);
    answers.emplace_back(question.number, text);
  }
  if (!TRY(book_.uploads(one.id)).empty())
    return refuse(Errc::conflict, "有文件尚未上传完毕", "a file is still on its way");
  // What was asked for in screening must make the whole complete; later the form stands as it was received.
  if (screening) {
    if (const auto missing = TRY(lacks(who, one)); !missing.empty()) return still_missing(missing);
  }
  one = TRY(take(one, screening ? "give_information" : "answer_questions", one.applicant, kApplicantRole, arrived));
  for (const auto& [number, text] : answers) TRY(book_.answer(number, text, arrived));
  Submission out = TRY(freeze(one, "answer", arrived));
  TRY(note(one, arrived, one.applicant, "answered", ""));
  return out;
}

Result<Proposal> EntryDesk::reply_to_transfer(const Applicant& who, std::string_view id, bool agrees,
                                              std::string_view why, Instant now) {
  Proposal one = TRY(own(who, id));
  if (one.transfer_to.empty()) return refuse(Errc::conflict, "没有待答复的类别调整", "no transfer was announced");
  const std::string reason = TRY(sense::checked_text("why", why, {1000, false}));
  if (!agrees && reason.empty()) return refuse(Errc::invalid, "提出异议须说明理由", "an objection has a reason");
  one = TRY(take(one, agrees ? "agree_transfer" : "object_transfer", one.applicant, kApplicantRole, now));
  TRY(note(one, now, one.applicant, agrees ? "transfer_agreed" : "transfer_objected", reason));
  return one;
}

Result<Proposal> EntryDesk::withdraw(const Applicant& who, std::string_view id, Instant now) {
  Proposal one = TRY(own(who, id));
  if (one.number.empty())
    return refuse(Errc::conflict, "从未提交：可删除草稿", "it was never submitted: delete the draft");
  TRY(way_of(one, now));
  one = TRY(take(one, "withdraw_entry", one.applicant, kApplicantRole, now));
  TRY(note(one, now, one.applicant, "withdrawn", ""));
  return one;
}

Result<Proposal> EntryDesk::confirm(const Applicant& who, std::string_view id, Instant arrived) {
  Proposal one = TRY(own(who, id));
  if (one.stage != "shortlisted")
    return refuse(Errc::conflict, "现阶段没有待确认的入围", "there is no place to be confirmed at its present stage");
  const Cycle& in = *cycle(one.cycle);
  const Instant until = one.shortlisted_at + in.confirm_within;
  if (in.confirm_within > 0s && arrived >= until)
    return refuse(Errc::conflict, "入围须在 {} 前确认；本次迟到 {} 秒",
                  "the place was to be confirmed before {}; this arrived {} s too late", in.local(until),
                  seconds_of(arrived - until));
  one = TRY(take(one, "confirm", one.applicant, kApplicantRole, arrived));
  one.confirmed_at = arrived;
  TRY(book_.put_proposal(one));
  TRY(note(one, arrived, one.applicant, "confirmed", ""));
  return one;
}

Result<Proposal> EntryDesk::set_publication(const Applicant& who, std::string_view id, const JsonValue& body,
                                            Instant now) {
  Proposal one = TRY(own(who, id));
  const Cycle& in = *cycle(one.cycle);
  if (const JsonValue* out = body.find("optOut")) {
    if (!out->boolean()) return refuse(Errc::invalid, "“optOut”为 true 或 false", "'optOut' is true or false");
    if (*out->boolean() && !in.opt_out)
      return refuse(Errc::conflict, "本周期的入选作品均须公开", "in this cycle what is chosen is published");
    one.opted_out = *out->boolean();
  }
  if (const JsonValue* list = body.find("consents")) {
    std::vector<std::string> chosen;
    if (!list->array()) return refuse(Errc::invalid, "“consents”为渠道列表", "'consents' is a list of channels");
    for (const JsonValue& channel : *list->array()) {
      const std::string known = channel.text() ? *channel.text() : "";
      if (std::ranges::find(in.channels, known, &Channel::id) == in.channels.end())
        return refuse(Errc::invalid, "没有发布渠道“{}”", "there is no channel '{}'", twin::clipped(known));
      if (std::ranges::find(chosen, known) == chosen.end()) chosen.push_back(known);
    }
    one.consents = std::move(chosen);
  }
  one.changed_at = now;
  TRY(book_.put_proposal(one));
  TRY(note(one, now, one.applicant, one.opted_out ? "opted_out" : "consented",
           fmt::format("{}", fmt::join(one.consents, " "))));
  return one;
}

// steps

Result<Proposal> EntryDesk::take(Proposal one, std::string_view verb, const std::string& by, std::string_view role,
                                 Instant now) {
  if (one.case_id.empty())
    return refuse(Errc::conflict, "申报尚在登记：请稍后再试", "it has not been taken up yet: try again in a moment");
  one.stage = TRY(stages_.take({one.case_id, std::string(verb), by, {std::string(role)}, ""}));
  one.changed_at = now;
  TRY(book_.put_proposal(one));
  return one;
}

Status EntryDesk::note(const Proposal& one, Instant at, std::string_view by, std::string_view what,
                       std::string_view why) {
  return book_.note({one.id, at, std::string(by), std::string(what), std::string(why)});
}

// what falls due

Status EntryDesk::settle_owed() {
  for (const Submission& owed : TRY(book_.without_receipt())) {
    const auto one = TRY(book_.proposal(owed.proposal));
    if (!one) continue;
    const std::string subject = fmt::format("{}/{}", one->number, owed.version);
    TRY(book_.set_receipt(owed.proposal, owed.version,
                          TRY(log_.append({"submission", subject, owed.text, owed.at, one->cycle, kApplicantRole}))));
  }
  for (const Cycle& in : cycles_) {
    for (Proposal& one :
         TRY(book_.proposals({.cycle = in.id, .stage = "submitted", .without_way = true}, kProposalsMax, 0)))
      TRY(way_of(one, one.changed_at));
  }
  return {};
}

Status EntryDesk::lapse(Instant now) {
  for (const Cycle& in : cycles_) {
    if (in.confirm_within <= 0s) continue;
    for (const Proposal& one : TRY(book_.proposals({.cycle = in.id, .stage = "shortlisted"}, kProposalsMax, 0))) {
      if (now < one.shortlisted_at + in.confirm_within) continue;
      const Proposal lost = TRY(take(one, "lose_place", "awards", "awards", now));
      TRY(note(lost, now, "awards", "lost", ""));
    }
  }
  return {};
}

Status EntryDesk::sweep_uploads(Instant now) {
  for (const Upload& one : TRY(book_.uploads(""))) {
    if (now < one.at + 24h) continue;
    vault_.drop_upload(one.id);
    TRY(book_.drop_upload(one.id));
  }
  return {};
}

Status EntryDesk::look(Instant now) {
  TRY(settle_owed());
  TRY(lapse(now));
  return sweep_uploads(now);
}

}  // namespace cityloop::awards
