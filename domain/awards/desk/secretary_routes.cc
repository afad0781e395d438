#include "domain/awards/desk/secretary_routes.h"

#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/refusal.h"
#include "domain/awards/desk/certificate.h"
#include "domain/awards/desk/export.h"
#include "domain/awards/entry/cycle_view.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using net::Method;
using net::Response;
using serve::write_time;
using trust::Permission;

constexpr std::uint64_t kExportMax = std::uint64_t{512} << 20;

Result<const Cycle*> cycle_of(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle* const found = on.office.desk.cycle(asked.part("cycle"));
  if (!found) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  return found;
}

// the dashboard

void write_counts(JsonWriter& out, const std::vector<Book::StageCount>& counts) {
  std::map<std::string, std::size_t> stages;
  std::map<std::string, std::map<std::string, std::size_t>> categories;
  for (const auto& one : counts) {
    stages[one.stage] += one.count;
    categories[one.category][one.stage] += one.count;
  }
  out.key("stages").object();
  for (const auto& [stage, count] : stages) out.field(stage, count);
  out.end().key("categories").object();
  for (const auto& [category, row] : categories) {
    out.key(category.empty() ? "-" : category).object();
    for (const auto& [stage, count] : row) out.field(stage, count);
    out.end();
  }
  out.end();
}

void write_numbers(JsonWriter& out, const Book::Size& one) {
  out.object().field("proposals", one.proposals).field("applicants", one.applicants).field("cases", one.cases);
}

// So many proposals from so many applicants with so many supporting cases; and of each category.
base::Status write_size(JsonWriter& out, Book& book, const Cycle& cycle) {
  std::vector<std::string> slots;
  for (const FileSlot& one : cycle.files)
    if (one.supporting_cases) slots.push_back(one.id);
  const auto sizes = TRY(book.sizes(cycle.id, slots));
  write_numbers(out, sizes.front());
  out.key("categories").object();
  for (const Book::Size& one : std::span(sizes).subspan(1)) {
    write_numbers(out.key(one.category), one);
    out.end();
  }
  out.end().end();
  return {};
}

Result<Response> show_desk(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  JsonWriter out;
  write_cycle(out.object().key("cycle"), cycle, asked.arrived, false);
  write_counts(out, TRY(on.office.desk.book().counts(cycle.id)));
  TRY(write_size(out.key("size"), on.office.desk.book(), cycle));
  const auto loads = TRY(on.jury.book().loads(cycle.id));
  out.key("jurors").array();
  for (const Juror& one : TRY(on.jury.book().jurors(cycle.id))) {
    const auto load = loads.find(one.account);
    const auto [all, done] = load == loads.end() ? JuryBook::Load{} : load->second;
    out.object()
        .field("account", one.account)
        .field("name", one.name)
        .field("sheets", all)
        .field("handedIn", done)
        .end();
  }
  return json(out.end().end());
}

Result<Response> list_proposals(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  const auto said = [&](std::string_view name) { return std::string(asked.request.argument(name).value_or("")); };
  const ProposalFilter filter{cycle.id, "", said("category"), said("stage"), said("q"), true};
  const std::size_t total = TRY(on.office.desk.book().count(filter));
  JsonWriter out;
  out.object().key("proposals").array();
  for (const Proposal& one : TRY(on.office.desk.book().heads(filter, wish.limit, wish.skip))) {
    write_head(out.object(), one);
    out.end();
  }
  out.end().field("total", total).key("next");
  if (wish.skip + wish.limit < total) out.text(fmt::format("{}", wish.skip + wish.limit));
  else out.null();
  return json(out.end());
}

void write_applicant(JsonWriter& out, const Applicant& one) {
  out.key("applicant").object();
  write(out, "unit", one.unit);
  out.field("unitCode", one.unit_code).field("city", one.city).field("person", one.person);
  out.field("email", one.email).field("phone", one.phone).field("language", one.language).end();
}

// What was decided about names, and whether jurors are shown it; null where nothing has been masked yet.
void write_masking(JsonWriter& out, const std::optional<Masking>& masking) {
  out.key("masking");
  if (!masking) {
    out.null();
    return;
  }
  out.object().key("decisions").raw(masking->decisions).key("files").array();
  for (const std::string& file : masking->files) out.text(file);
  out.end().field("releasedBy", masking->released_by);
  write_time(out, "at", masking->at);
  out.end();
}

Result<Response> proposal_response(const SecretaryRoutes& on, const Proposal& one) {
  Book& book = on.office.desk.book();
  JsonWriter out;
  write_head(out.object(), one);
  write_applicant(out, TRY(book.applicant(one.applicant)).value_or(Applicant{}));
  // What was received, not what the applicant is writing meanwhile.
  const auto version = TRY(book.submission(one.id, one.version));
  out.key("received").raw(version ? version->text : "null");
  if (one.transfer_to.empty()) out.key("transferTo").null();
  else out.field("transferTo", one.transfer_to);
  write_files(out, TRY(book.files(one.id)));
  write_questions(out, TRY(book.questions(one.id)), true);
  write_events(out, TRY(book.events(one.id)));
  write_masking(out, TRY(on.jury.book().masking(one.id)));
  return json(out.end());
}

Result<Response> show_proposal(const SecretaryRoutes& on, const Asked& asked) {
  return proposal_response(on, TRY(on.secretariat.submitted(asked.part("id"))));
}

Result<Response> show_proposal_file(const SecretaryRoutes& on, const Asked& asked) {
  const Proposal one = TRY(on.secretariat.submitted(asked.part("id")));
  const auto file = TRY(on.office.desk.book().file(asked.part("file")));
  if (!file || file->proposal != one.id) return refuse(Errc::not_found, "没有这个文件", "there is no such file");
  // As jurors would see it: to be looked at before it is released.
  if (asked.request.argument("blind").value_or("") == "1")
    return blind_file_response(on.office.desk.vault(), *file, file->slot);
  return file_response(asked.request, on.office.desk.vault(), *file, file->name);
}

// To be printed and handed over, in the reader's language.
Result<Response> show_certificate(const SecretaryRoutes& on, const Asked& asked) {
  const Proposal one = TRY(on.secretariat.submitted(asked.part("id")));
  return certificate_response(on.office.desk, TRY(on.office.desk.book().applicant(one.applicant)).value_or(Applicant{}),
                              one, asked.request);
}

Result<Response> take_step(const SecretaryRoutes& on, const Asked& asked) {
  return proposal_response(
      on, TRY(on.secretariat.step(asked.who.id, asked.part("id"), TRY(body_of(asked)), asked.arrived)));
}

// masking

// How far it is; what was found, once it is done. `version` is the proposal's that it was made of.
Result<Response> masking_response(const SecretaryRoutes& on, const Proposal& one, int status = 200) {
  const auto last = TRY(on.masking.last(one.id));
  const MaskingRun run = last.value_or(MaskingRun{});
  const MaskingProgress progress = on.masking.progress();
  const bool running = last && run.state == RunState::waiting && progress.proposal == one.id;
  constexpr std::string_view kStates[] = {"waiting", "done", "failed"};
  const std::string_view state = !last ? "none" : running ? "running" : kStates[std::size_t(run.state)];
  JsonWriter out;
  out.object().field("state", state).field("version", run.version);
  write_time(out, "at", run.at);
  out.key("decisions").raw(run.decisions);
  out.field("pages", running ? progress.pages : 0).field("pagesRead", running ? progress.read : 0);
  out.field("pagesDrawn", running ? progress.drawn : 0).key("problem");
  const auto both = base::in_both(run.problem);
  if (run.problem.empty()) out.null();
  else out.object().field("zh", both ? both->zh : run.problem).field("en", both ? both->en : run.problem).end();
  out.key("report").raw(run.report.empty() ? "null" : run.report);
  return json(out.end(), status);
}

Result<Response> mask(const SecretaryRoutes& on, const Asked& asked) {
  const Proposal one = TRY(on.secretariat.submitted(asked.part("id")));
  TRY(on.masking.begin(one, TRY(body_of(asked)), asked.arrived));
  return masking_response(on, one, 202);
}

Result<Response> show_masking(const SecretaryRoutes& on, const Asked& asked) {
  return masking_response(on, TRY(on.secretariat.submitted(asked.part("id"))));
}

Result<Response> release(const SecretaryRoutes& on, const Asked& asked) {
  const Proposal one = TRY(on.secretariat.submitted(asked.part("id")));
  const Masking masking = TRY(on.secretariat.release(asked.who.id, one, TRY(body_of(asked)), asked.arrived));
  JsonWriter out;
  out.object().key("answers").raw(masking.answers).key("files").array();
  for (const std::string& file : masking.files) out.text(file);
  out.end().field("releasedBy", masking.released_by);
  return json(out.end());
}

// jurors

Result<Response> list_jurors(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  JsonWriter out;
  out.object().key("jurors").array();
  for (const Juror& one : TRY(on.jury.book().jurors(cycle.id))) {
    out.object().field("account", one.account).field("name", one.name).field("loadMax", one.load_max);
    const auto list = [&](std::string_view key, const std::vector<std::string>& texts) {
      out.key(key).array();
      for (const std::string& text : texts) out.text(text);
      out.end();
    };
    list("keyWords", one.key_words), list("organisations", one.organisations), list("cities", one.cities);
    list("coAuthors", one.co_authors), list("declared", one.declared);
    out.field("text", one.text).end();
  }
  return json(out.end().end());
}

Result<Response> put_juror(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  TRY(on.jury.put_juror(cycle, std::string(asked.part("account")), TRY(body_of(asked))));
  Response out;
  out.status = 204;
  return out;
}

Result<Response> drop_juror(const SecretaryRoutes& on, const Asked& asked) {
  TRY(on.jury.book().drop_juror(TRY(cycle_of(on, asked))->id, asked.part("account")));
  Response out;
  out.status = 204;
  return out;
}

// A proposal with its reviewers, who may not be, and what is lacking.
void write_row(JsonWriter& out, const ShownAssignment& of, std::uint32_t place) {
  const auto in = [place](const auto& all, auto proposal) {
    return std::ranges::equal_range(all, place, {}, proposal);
  };
  write_head(out.object(), of.heads[place]);
  out.key("pairs").array();
  for (const panel::Given& one : in(of.made.given, [](const panel::Given& it) { return it.pair.proposal; })) {
    out.object().field("juror", of.in.reviewers[one.pair.reviewer].id).field("match", one.match);
    out.field("fixed", one.fixed).field("kept", one.kept).end();
  }
  out.end().key("bars").array();
  for (const panel::Bar& one : in(of.made.bars, [](const panel::Bar& it) { return it.pair.proposal; })) {
    out.object().field("juror", of.in.reviewers[one.pair.reviewer].id).field("why", to_string(one.why));
    out.field("what", one.what).end();
  }
  out.end().key("lack");
  const auto lack = std::ranges::find(of.made.lacking, place, &panel::Lack::proposal);
  if (lack == of.made.lacking.end()) {
    out.null().end();
    return;
  }
  out.object().field("needed", lack->needed).field("got", lack->got).key("barred").object();
  for (const auto& [why, reviewers] : lack->barred) out.field(to_string(why), reviewers);
  out.end().field("poorMatch", lack->poor_match).field("loaded", lack->loaded).end().end();
}

// What it comes to; its rows are asked for page by page.
void write_sums(JsonWriter& out, const panel::Assignment& made, const panel::AssignmentInput& in) {
  out.field("linked", made.linked).field("connectivity", made.mixing.connectivity);
  out.field("parts", made.mixing.components).field("matchSum", made.match_sum).field("reviews", made.given.size());
  out.field("proposals", in.proposals.size()).field("lacking", made.lacking.size()).key("loads").array();
  std::vector<std::pair<std::size_t, double>> loads(in.reviewers.size());
  for (const panel::Given& one : made.given) {
    ++loads[one.pair.reviewer].first;
    loads[one.pair.reviewer].second += one.match;
  }
  for (std::size_t r = 0; r < loads.size(); ++r)
    out.object()
        .field("juror", in.reviewers[r].id)
        .field("count", loads[r].first)
        .field("match", loads[r].second)
        .end();
  out.end();
}

Result<Response> assign(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const JsonValue body = TRY(body_of(asked));
  panel::AssignmentInput in;
  panel::Assignment made = TRY(on.jury.assign(cycle, body, asked.arrived, in));
  JsonWriter out;
  write_sums(out.object().field("committed", body.boolean_or("commit", false)), made, in);
  TRY(on.studies.show(cycle, asked.who.id, std::move(in), std::move(made)));
  return json(out.end());
}

Result<Response> list_assigned(const SecretaryRoutes& on, const Asked& asked) {
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  const auto all = TRY(on.studies.shown(*TRY(cycle_of(on, asked)), asked.who.id));
  const std::string_view words = asked.request.argument("q").value_or("");
  std::vector<std::uint32_t> places = all->order;
  std::erase_if(places, [&](std::uint32_t place) {
    const Proposal& one = all->heads[place];
    return one.number.find(words) == std::string::npos && one.title.find(words) == std::string::npos;
  });
  JsonWriter out;
  out.object().field("total", places.size());
  serve::write_page(out, "rows", places, wish, [&](std::uint32_t place) { write_row(out, *all, place); });
  return json(out.end());
}

// which proposals say the same

void write_pair(JsonWriter& out, const std::vector<Proposal>& proposals, const Likenesses& all,
                const panel::Duplicate& pair) {
  const auto side = [&](std::string_view key, std::uint32_t place) {
    write_head(out.key(key).object(), proposals[place]);
    out.end();
  };
  side("a", pair.a);
  side("b", pair.b);
  out.field("sameApplicant", proposals[pair.a].applicant == proposals[pair.b].applicant);
  out.field("likeness", pair.jaccard).field("contained", pair.containment).key("passages").array();
  for (const panel::Passage& one : pair.passages) {
    out.object().field("a", all.texts[pair.a].substr(one.a_begin, one.a_end - one.a_begin));
    out.field("b", all.texts[pair.b].substr(one.b_begin, one.b_end - one.b_begin)).field("words", one.tokens).end();
  }
  out.end();
}

Result<Response> list_duplicates(const SecretaryRoutes& on, const Asked& asked) {
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  std::vector<Proposal> proposals;
  const auto all = TRY(on.studies.near_duplicates(*TRY(cycle_of(on, asked)), proposals));
  JsonWriter out;
  out.object().field("proposals", proposals.size()).field("total", all->pairs.size());
  serve::write_page(out, "pairs", all->pairs, wish, [&](const panel::Duplicate& pair) {
    write_pair(out.object(), proposals, *all, pair);
    out.end();
  });
  return json(out.end());
}

// export

Result<Response> export_zip(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  Book& book = on.office.desk.book();
  if (TRY(export_bytes(cycle, book)) > kExportMax)
    return refuse(Errc::conflict, "文件过多，无法一次下载：请在服务器上运行 `cityloop awards export`",
                  "the files are too many for one download: `cityloop awards export` writes them on the server");
  const std::string place = on.office.desk.vault().upload_path(make_id());
  const base::Status written = export_cycle(cycle, book, on.office.desk.vault(), place, asked.arrived);
  auto content = written ? base::read_file(place) : base::Result<std::string>(std::unexpected(written.error()));
  std::error_code ignored;
  std::filesystem::remove(place, ignored);
  Response out;
  out.body = TRY(std::move(content));
  out.content_type = "application/zip";
  out.headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}.zip\"", cycle.id)},
                 {"Cache-Control", "private, no-store"}};
  TRY(book.note({whole_cycle(cycle.id), asked.arrived, asked.who.id, "exported", ""}));
  return out;
}

// the auditor: that something happened, when and by whom; no texts of applicants, no scores

void write_happened(JsonWriter& out, const std::vector<Event>& events) {
  out.key("events").array();
  for (const Event& event : events) {
    out.object().field("what", event.what).field("by", event.by);
    write_time(out, "at", event.at);
    out.end();
  }
  out.end();
}

Result<Response> audit(const SecretaryRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  Book& book = on.office.desk.book();
  const ProposalFilter all{.cycle = cycle.id, .submitted = true};
  const std::size_t proposals = TRY(book.count(all)), sheets = TRY(on.jury.book().sheet_count(cycle.id));
  JsonWriter out;
  out.object().key("proposals").array();
  for (const Proposal& one : TRY(book.heads(all, wish.limit, wish.skip))) {
    out.object().field("number", one.number).field("stage", one.stage).key("receipts").array();
    for (const Submission& version : TRY(book.submissions(one.id))) {
      out.object().field("version", version.version).field("receipt", !version.receipt.empty());
      write_time(out, "at", version.at);
      out.end();
    }
    out.end();
    write_happened(out, TRY(book.events(one.id)));
    out.end();
  }
  out.end();
  // Of the cycle as a whole, with the first page.
  write_happened(out, wish.skip == 0 ? TRY(book.events(whole_cycle(cycle.id))) : std::vector<Event>{});
  out.key("sheets").array();
  for (const ScoreSheet& one : TRY(on.jury.book().sheet_heads(cycle.id, wish.limit, wish.skip))) {
    out.object().field("id", one.id).field("state", to_string(one.state)).field("version", one.version);
    write_time(out, "at", one.at);
    out.end();
  }
  out.end().field("totalProposals", proposals).field("totalSheets", sheets).key("next");
  if (const std::size_t end = wish.skip + wish.limit; end < std::max(proposals, sheets))
    out.text(fmt::format("{}", end));
  else out.null();
  return json(out.end());
}

// the public: cycles, and what was chosen

Result<Response> public_cycles(const SecretaryRoutes& on, const Asked& asked) {
  JsonWriter out;
  out.object().key("cycles").array();
  for (const Cycle& one : on.office.desk.cycles()) write_cycle(out, one, asked.arrived, true);
  return json(out.end().end());
}

// What of a cycle everybody may see, and nothing before its results are told.
std::vector<Book::Shelf> shelves_of(const SecretaryRoutes& on, Instant now,
                                    const std::function<bool(const Cycle&)>& wanted) {
  std::vector<Book::Shelf> out;
  for (const Cycle& cycle : on.office.desk.cycles()) {
    const StageWindow* const results = cycle.stage("results");
    const bool told = !results || !results->when.given() || now >= results->when.opens;
    if (told && wanted(cycle)) out.push_back({cycle.id, !cycle.channels.empty()});
  }
  return out;
}

void write_case(const SecretaryRoutes& on, JsonWriter& out, const Cycle& cycle, const Proposal& one, bool whole) {
  out.object().field("number", one.number).field("cycle", cycle.id).field("year", cycle.year);
  out.field("category", one.category).field("prize", one.prize).key("answers").object();
  const auto version = on.office.desk.book().submission(one.id, one.version);
  const auto received = version && *version ? JsonValue::parse((*version)->text) : Result<JsonValue>(JsonValue{});
  const JsonValue* const answers = received ? received->find("answers") : nullptr;
  const auto place = answers ? place_of(cycle, *answers) : std::nullopt;
  for (const Field& field : cycle.fields) {
    const JsonValue* const value = answers ? answers->find(field.id) : nullptr;
    // How people are reached is nobody's but the secretariat's.
    const bool personal = field.type == FieldType::email || field.type == FieldType::phone || field.id == "contact";
    if (value && !personal && (whole || field.type == FieldType::line)) value->write(out.key(field.id));
  }
  out.end().key("place");
  if (place) out.object().field("latDeg", place->lat_deg).field("lonDeg", place->lon_deg).end();
  else out.null();
  out.end();
}

Result<Response> library(const SecretaryRoutes& on, const Asked& asked) {
  const auto said = [&](std::string_view name) { return std::string(asked.request.argument(name).value_or("")); };
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  const auto shelves = shelves_of(on, asked.arrived, [&](const Cycle& one) {
    return (said("year").empty() || said("year") == fmt::format("{}", one.year)) &&
           (said("cycle").empty() || said("cycle") == one.id);
  });
  const auto page = TRY(on.office.desk.book().library(shelves, said("theme"), said("q"), wish.limit, wish.skip));
  JsonWriter out;
  out.object().key("cases").array();
  for (const Proposal& one : page.heads) write_case(on, out, *on.office.desk.cycle(one.cycle), one, false);
  out.end().key("next");
  if (wish.skip + wish.limit < page.total) out.text(fmt::format("{}", wish.skip + wish.limit));
  else out.null();
  out.field("total", page.total);
  // Told once, with the first page.
  if (wish.skip == 0) {
    out.key("sizes").object();
    for (const Book::Shelf& shelf : shelves)
      TRY(write_size(out.key(shelf.cycle), on.office.desk.book(), *on.office.desk.cycle(shelf.cycle)));
    out.end();
  }
  return json(out.end());
}

Result<Response> library_case(const SecretaryRoutes& on, const Asked& asked) {
  const auto found = TRY(on.office.desk.book().proposal_of(asked.part("number")));
  const auto shelves = shelves_of(on, asked.arrived, [&](const Cycle& one) { return found && one.id == found->cycle; });
  const auto shown = TRY(on.office.desk.book().library(shelves, "", asked.part("number"), 1, 0));
  if (shown.heads.empty() || shown.heads[0].number != asked.part("number"))
    return refuse(Errc::not_found, "没有这个案例", "there is no such case");
  JsonWriter out;
  write_case(on, out, *on.office.desk.cycle(found->cycle), *found, true);
  return json(out);
}

}  // namespace

void SecretaryRoutes::add_to(net::Router& router) const {
  const auto with = [on = *this](auto function) {
    return [on, function](const Asked& asked) { return function(on, asked); };
  };
  const auto read = [&](std::string_view path, auto function, Permission right = Permission::run_awards) {
    router.add(Method::get, path, office.reads(right, with(function)));
  };
  const auto change = [&](Method method, std::string_view path, auto function) {
    router.add(method, path, office.changes(Permission::run_awards, with(function)));
  };
  const auto open = [&](std::string_view path, auto function) {
    router.add(Method::get, path, office.anybody(with(function)));
  };
  read("/api/v1/awards/cycles/{cycle}/desk", show_desk);
  read("/api/v1/awards/cycles/{cycle}/proposals", list_proposals);
  read("/api/v1/awards/proposals/{id}", show_proposal);
  read("/api/v1/awards/proposals/{id}/files/{file}", show_proposal_file);
  change(Method::get, "/api/v1/awards/proposals/{id}/certificate.pdf", show_certificate);
  change(Method::post, "/api/v1/awards/proposals/{id}/steps", take_step);
  read("/api/v1/awards/proposals/{id}/masking", show_masking);
  change(Method::put, "/api/v1/awards/proposals/{id}/masking", mask);
  change(Method::post, "/api/v1/awards/proposals/{id}/masking/release", release);
  read("/api/v1/awards/cycles/{cycle}/jurors", list_jurors);
  change(Method::put, "/api/v1/awards/cycles/{cycle}/jurors/{account}", put_juror);
  change(Method::del, "/api/v1/awards/cycles/{cycle}/jurors/{account}", drop_juror);
  change(Method::post, "/api/v1/awards/cycles/{cycle}/assignments", assign);
  read("/api/v1/awards/cycles/{cycle}/assignments", list_assigned);
  router.add(Method::get, "/api/v1/awards/cycles/{cycle}/near-duplicates",
             office.studies(Permission::run_awards, with(list_duplicates)));
  change(Method::get, "/api/v1/awards/cycles/{cycle}/export.zip", export_zip);
  read("/api/v1/awards/cycles/{cycle}/audit", audit, Permission::audit_awards);
  open("/public/v1/awards/cycles", public_cycles);
  open("/public/v1/awards/library", library);
  open("/public/v1/awards/library/{number}", library_case);
}

}  // namespace cityloop::awards
