#include "domain/awards/desk/juror_routes.h"

#include "base/refusal.h"
#include "domain/awards/desk/studies.h"
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

Result<const Cycle*> cycle_of(const JurorRoutes& on, const Asked& asked) {
  const Cycle* const found = on.office.desk.cycle(asked.part("cycle"));
  if (!found) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  return found;
}

void write_sheet_head(JsonWriter& out, const ScoreSheet& one) {
  out.field("id", one.id).field("cycle", one.cycle).field("state", to_string(one.state)).field("version", one.version);
  write_time(out, "at", one.at);
}

Result<Response> list_sheets(const JurorRoutes& on, const Asked& asked) {
  JsonWriter out;
  out.object().key("sheets").array();
  for (const auto& [sheet, number, released] : TRY(on.jury.book().sheets_of(asked.who.id))) {
    const Cycle* const cycle = on.office.desk.cycle(sheet.cycle);
    if (!cycle) continue;  // its file has been taken away
    write_sheet_head(out.object(), sheet);
    const bool ready = sheet.state != SheetState::conflict && (released || !cycle->double_blind);
    out.field("ready", ready).field("number", ready && !cycle->double_blind ? number : "").end();
  }
  return json(out.end().end());
}

Result<Response> sheet_response(const JurorRoutes& on, const ScoreSheet& one) {
  JsonWriter out;
  write_sheet_head(out.object(), one);
  out.key("scores").raw(one.scores).field("comment", one.comment).field("why", one.why);
  if (one.state != SheetState::conflict) {
    const JurorView seen = TRY(on.jury.view(one));
    out.field("number", seen.number).field("category", seen.category).key("answers").object();
    for (const auto& [field, value] : seen.answers) value.write(out.key(field->id));
    write_files(out.end(), seen.files);
  }
  out.key("versions").array();
  for (const SheetVersion& version : TRY(on.jury.book().versions(one.id))) {
    out.object().field("version", version.version).key("scores").raw(version.scores);
    out.field("comment", version.comment).field("reason", version.reason);
    write_time(out, "at", version.at);
    out.end();
  }
  return json(out.end().end());
}

Result<Response> show_sheet(const JurorRoutes& on, const Asked& asked) {
  return sheet_response(on, TRY(on.jury.own(asked.who.id, asked.part("id"))));
}

Result<Response> save_sheet(const JurorRoutes& on, const Asked& asked) {
  return sheet_response(on, TRY(on.jury.save(asked.who.id, asked.part("id"), TRY(body_of(asked)), asked.arrived)));
}

Result<Response> hand_in_sheet(const JurorRoutes& on, const Asked& asked) {
  const JsonValue body = TRY(body_of(asked));
  Response out = serve::json_response(
      TRY(on.jury.hand_in(asked.who.id, asked.part("id"), body.text_or("reason", ""), asked.arrived)));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Result<Response> declare_conflict(const JurorRoutes& on, const Asked& asked) {
  const JsonValue body = TRY(body_of(asked));
  return sheet_response(
      on, TRY(on.jury.declare_conflict(asked.who.id, asked.part("id"), body.text_or("why", ""), asked.arrived)));
}

// In a double-blind cycle without what a PDF says of its author: its pages alone, put together anew.
Result<Response> show_sheet_file(const JurorRoutes& on, const Asked& asked) {
  const ScoreSheet sheet = TRY(on.jury.own(asked.who.id, asked.part("id")));
  const JurorView seen = TRY(on.jury.view(sheet));
  const auto file = std::ranges::find(seen.files, asked.part("file"), &StoredFile::id);
  if (file == seen.files.end()) return refuse(Errc::not_found, "没有这个文件", "there is no such file");
  const bool blind = on.office.desk.cycle(sheet.cycle)->double_blind;
  if (!blind) return file_response(asked.request, on.office.desk.vault(), *file, file->name);
  if (file->media_type != "application/pdf") return refuse(Errc::not_found, "没有这个文件", "there is no such file");
  return blind_file_response(on.office.desk.vault(), *file, file->name);
}

// the panel

void write_optional(JsonWriter& out, std::string_view key, const std::optional<double>& value) {
  if (value) out.field(key, *value);
  else out.key(key).null();
}

void write_standing(JsonWriter& out, const Ranked& ranked, std::size_t i) {
  const panel::Standing& one = ranked.judged->standings.proposals[i];
  write_head(out.object(), ranked.proposals[i]);
  out.field("reviews", one.reviews);
  write_optional(out, "raw", one.raw);
  write_optional(out, "adjusted", one.adjusted ? std::optional(one.adjusted->value) : std::nullopt);
  write_optional(out, "error", one.adjusted ? std::optional(one.adjusted->error) : std::nullopt);
  out.field("bonus", one.bonus);
  write_optional(out, "final", one.final_score);
  if (one.rank) out.field("rank", *one.rank);
  else out.key("rank").null();
  out.field("tied", one.tied).field("rankLow", one.rank_low).field("rankHigh", one.rank_high);
  out.field("topShare", one.top_share);
  const Decision& last = ranked.last[i];
  out.field("decision", last.outcome).field("reason", last.reason).end();
}

// How many proposals of each category are judged: a reader begins where there are some.
base::Status write_judged(JsonWriter& out, Book& book, const Cycle& cycle) {
  std::map<std::string, std::size_t> judged;
  for (const Book::StageCount& one : TRY(book.counts(cycle.id)))
    if (one.stage != "draft" && !is_out(one.stage)) judged[one.category] += one.count;
  out.key("judged").object();
  for (const Category& one : cycle.categories) out.field(one.id, judged[one.id]);
  out.end();
  return {};
}

Result<Response> show_ranking(const JurorRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const Ranked ranked = TRY(on.jury.ranking(cycle, asked.request.argument("category").value_or(""), asked.arrived));
  JsonWriter out;
  TRY(write_judged(out.object(), on.office.desk.book(), cycle));
  out.key("standings").array();
  for (std::size_t i = 0; i < ranked.proposals.size(); ++i) write_standing(out, ranked, i);
  out.end().key("outliers").array();
  for (const panel::Outlier& one : ranked.judged->standings.outliers) {
    const ScoreSheet& sheet = ranked.judged->sheets[one.sheet];
    out.object().field("sheet", sheet.id).field("proposal", sheet.proposal);
    out.field("dimension", one.dimension ? cycle.dimensions[*one.dimension].id : "");
    out.field("score", one.score).field("expected", one.expected).field("studentised", one.studentised).end();
  }
  return json(out.end().end());
}

void write_interval(JsonWriter& out, std::string_view key, const panel::Interval& one) {
  out.key(key).object().field("value", one.value).field("low", one.low).field("high", one.high).end();
}

void write_agreement(JsonWriter& out, const DimensionAgreement& one) {
  out.object().field("dimension", one.dimension).field("scores", one.scores);
  if (one.alpha) write_interval(out, "alpha", one.alpha->alpha);
  else out.key("alpha").null();
  out.key("icc");
  if (one.icc) {
    write_interval(out.object(), "one", one.icc->one);
    write_interval(out, "mean", one.icc->mean);
    out.field("each", one.icc->each).field("proposals", one.icc->proposals).end();
  } else {
    out.null();
  }
  out.key("adjusted");
  if (one.adjusted)
    out.object().field("one", one.adjusted->one_adjusted).field("mean", one.adjusted->mean_adjusted).end();
  else out.null();
  out.end();
}

Result<Response> show_agreement(const JurorRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const CycleAgreement all =
      *TRY(on.studies.agreement(cycle, asked.request.argument("category").value_or(""), asked.arrived));
  JsonWriter out;
  out.object().field("proposals", all.proposals).field("raters", all.raters).field("sheets", all.sheets);
  out.field("confidence", all.confidence).key("dimensions").array();
  for (const DimensionAgreement& one : all.dimensions) write_agreement(out, one);
  return json(out.end().end());
}

Result<Response> show_panel(const JurorRoutes& on, const Asked& asked) {
  const auto one = TRY(on.office.desk.book().proposal(asked.part("id")));
  if (!one || one->number.empty()) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  const Cycle& cycle = *on.office.desk.cycle(one->cycle);
  TRY(on.jury.readable(cycle, asked.arrived));
  JsonWriter out;
  write_head(out.object(), *one);
  out.key("sheets").array();
  for (const ScoreSheet& sheet : TRY(on.jury.book().sheets_on(one->id))) {
    write_sheet_head(out.object(), sheet);
    out.field("juror", sheet.juror).field("why", sheet.why).key("versions").array();
    for (const SheetVersion& version : TRY(on.jury.book().versions(sheet.id))) {
      out.object().field("version", version.version).key("scores").raw(version.scores);
      out.field("comment", version.comment).field("reason", version.reason).end();
    }
    out.end().end();
  }
  out.end().key("decisions").array();
  for (const Decision& decision : TRY(on.jury.book().decisions(one->id))) {
    out.object().field("outcome", decision.outcome).field("by", decision.by).field("reason", decision.reason);
    out.field("points", decision.points);
    write_time(out, "at", decision.at);
    out.end();
  }
  return json(out.end().end());
}

Result<Response> decide(const JurorRoutes& on, const Asked& asked) {
  const Proposal one = TRY(on.jury.decide(asked.who.id, asked.part("id"), TRY(body_of(asked)), asked.arrived));
  JsonWriter out;
  write_head(out.object(), one);
  return json(out.end());
}

// prizes without scores

void write_count(JsonWriter& out, std::string_view group, const panel::VoteResult& result) {
  out.object().field("group", group).field("voices", result.valid).field("quorate", result.quorate);
  out.field("openPlaces", result.open_places).key("candidates").array();
  for (const auto& one : result.candidates) {
    out.object().field("nomination", one.code).field("votes", one.votes);
    out.field("elected", one.elected).field("tied", one.tied).end();
  }
  out.end().end();
}

Result<Response> list_nominations(const JurorRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  JsonWriter out;
  out.object().key("nominations").array();
  for (const Nomination& one : TRY(on.jury.book().nominations(cycle.id, asked.part("prize")))) {
    out.object().field("id", one.id).field("group", one.group).field("name", one.name);
    out.field("statement", one.statement).end();
  }
  out.end();
  // How the vote stands is for the chair and the auditor; who votes would vote by it.
  const auto& policy = on.office.guard.policy();
  if (policy.allows(asked.who, Permission::judge_awards)) {
    out.key("mine").array();
    for (const std::string& one : TRY(on.jury.book().votes_of(cycle.id, asked.part("prize"), asked.who.id)))
      out.text(one);
    out.end();
  }
  if (policy.allows(asked.who, Permission::decide_awards) || policy.allows(asked.who, Permission::audit_awards)) {
    out.key("counts").array();
    const auto prize = std::ranges::find(cycle.prizes, asked.part("prize"), &Prize::id);
    if (prize == cycle.prizes.end()) return refuse(Errc::not_found, "没有这个奖项", "there is no such prize");
    if (prize->groups.empty()) write_count(out, "", TRY(on.jury.count(cycle, prize->id, "")));
    for (const Choice& group : prize->groups)
      write_count(out, group.id, TRY(on.jury.count(cycle, prize->id, group.id)));
    out.end();
  }
  return json(out.end());
}

Result<Response> nominate(const JurorRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const Nomination one = TRY(on.jury.nominate(cycle, asked.who.id, TRY(body_of(asked)), asked.arrived));
  JsonWriter out;
  return json(out.object().field("id", one.id).end(), 201);
}

Result<Response> vote(const JurorRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const JsonValue body = TRY(body_of(asked));
  TRY(on.jury.vote(cycle, asked.who.id, asked.part("prize"), body.text_or("nomination", "")));
  Response out;
  out.status = 204;
  return out;
}

}  // namespace

void JurorRoutes::add_to(net::Router& router) const {
  const auto with = [on = *this](auto function) {
    return [on, function](const Asked& asked) { return function(on, asked); };
  };
  const auto read = [&](std::string_view path, Permission right, auto function) {
    router.add(Method::get, path, office.reads(right, with(function)));
  };
  const auto change = [&](Method method, std::string_view path, Permission right, auto function) {
    router.add(method, path, office.changes(right, with(function)));
  };
  read("/api/v1/awards/sheets", Permission::judge_awards, list_sheets);
  read("/api/v1/awards/sheets/{id}", Permission::judge_awards, show_sheet);
  change(Method::put, "/api/v1/awards/sheets/{id}", Permission::judge_awards, save_sheet);
  change(Method::post, "/api/v1/awards/sheets/{id}/submit", Permission::judge_awards, hand_in_sheet);
  change(Method::post, "/api/v1/awards/sheets/{id}/conflict", Permission::judge_awards, declare_conflict);
  change(Method::get, "/api/v1/awards/sheets/{id}/files/{file}", Permission::judge_awards, show_sheet_file);
  const auto study = [&](std::string_view path, auto function) {
    router.add(Method::get, path, office.studies(Permission::decide_awards, with(function)));
  };
  study("/api/v1/awards/cycles/{cycle}/ranking", show_ranking);
  study("/api/v1/awards/cycles/{cycle}/agreement", show_agreement);
  read("/api/v1/awards/panel/{id}", Permission::decide_awards, show_panel);
  change(Method::post, "/api/v1/awards/panel/{id}/decisions", Permission::decide_awards, decide);
  read("/api/v1/awards/cycles/{cycle}/prizes/{prize}", Permission::see_awards, list_nominations);
  change(Method::post, "/api/v1/awards/cycles/{cycle}/nominations", Permission::run_awards, nominate);
  change(Method::put, "/api/v1/awards/cycles/{cycle}/prizes/{prize}/vote", Permission::judge_awards, vote);
}

}  // namespace cityloop::awards
