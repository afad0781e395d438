#include "serve/index/index_routes.h"

#include <algorithm>
#include <charconv>

#include "base/json_value.h"
#include "index/composite/run.h"
#include "serve/body.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::Reply;
using trust::Permission;

constexpr std::size_t kSamplesMax = 20'000, kTextMax_bytes = 4u << 20;
constexpr std::size_t kFlawsShown = 200, kNoteMax = 500;

void write_source(JsonWriter& out, const IndexSource& one) {
  out.field("id", one.id).field("kind", one.kind).field("edition", one.edition);
  write(out.key("name"), one.name);
  write(out.key("about"), one.about);
  write(out.key("note"), one.note);
  out.field("mistake", one.mistake).field("filled", !one.data.empty()).field("version", one.version());
  out.field("saving", one.number).field("by", one.by);
  write_time(out, "at", one.at);
}

void list(const IndexRoutes& on, const Call&, Reply reply) {
  JsonWriter out;
  out.object().key("indices").array();
  for (const IndexSource& one : on.shelf.all()) {
    out.object();
    write_source(out, one);
    out.end();
  }
  reply(json_response(out.end().end()));
}

Result<std::size_t> whole_in(std::string_view name, std::string_view text, std::size_t most) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out > most)
    return fail(Errc::invalid, "'{}' is a whole number up to {}", name, most);
  return out;
}

Result<index::RunOptions> options_asked(const Call& call) {
  index::RunOptions out;
  if (const auto weights = call.request.argument("weights")) out.weights = *weights;
  if (const auto samples = call.request.argument("samples"))
    out.samples = TRY(whole_in("samples", *samples, kSamplesMax));
  return out;
}

// A self-assessment that nobody has begun is one in which nothing is answered; a table of units has to be there.
Result<IndexSource> source_asked(const IndexRoutes& on, const Call& call) {
  IndexSource one = TRY(on.shelf.find(path_part(call, "id")));
  if (!one.mistake.empty()) return fail(Errc::conflict, "{}", one.mistake);
  if (one.data.empty() && one.kind == "maturity") one.data = "criterion,met\n";
  if (one.data.empty()) return fail(Errc::conflict, "'{}' has no table yet", one.id);
  return one;
}

const std::string* file_of(const index::RunResult& result, std::string_view name) {
  const auto found = std::ranges::find(result.files, name, &index::OutputFile::name);
  return found == result.files.end() ? nullptr : &found->content;
}

void show(const IndexRoutes& on, const Call& call, Reply reply) {
  const auto source = source_asked(on, call);
  if (!source) return reply(net::problem(source.error()));
  const auto options = options_asked(call);
  if (!options) return reply(net::problem(options.error()));
  const auto answer = on.desk.ask({*source, *options});
  if (!answer) return reply(net::problem(answer.error()));
  if (answer->state == IndexAnswer::State::failed) return reply(net::problem(answer->error));
  JsonWriter out;
  out.object();
  write_source(out, *source);
  const bool ready = answer->state == IndexAnswer::State::ready;
  out.field("ready", ready).field("stage", answer->stage).field("done", ready ? 1.0 : answer->done);
  if (ready) out.key("report").raw(*file_of(*answer->result, "report.json"));
  reply(json_response(out.end(), ready ? 200 : 202));
}

net::Response file_response(std::string name, std::string body, std::string_view type) {
  net::Response out;
  out.content_type = type;
  out.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  out.headers.emplace_back("Cache-Control", "private, no-store");
  out.headers.emplace_back("X-Content-Type-Options", "nosniff");
  out.body = std::move(body);
  return out;
}

// A stage, the frame, the table as it is, or the empty table to be filled in.
void give_file(const IndexRoutes& on, const Call& call, Reply reply) {
  const std::string name(path_part(call, "file"));
  auto source = on.shelf.find(path_part(call, "id"));
  if (!source) return reply(net::problem(source.error()));
  const std::string called = fmt::format("{}-{}", source->id, name);
  constexpr std::string_view kCsv = "text/csv; charset=utf-8";
  if (name == "frame.toml") return reply(file_response(called, source->frame, "application/toml"));
  // Answers of single people are nobody's to carry away from here.
  if (name == "data.csv" && source->kind != "survey") return reply(file_response(called, source->data, kCsv));
  if (name == "template.csv") {
    auto made = index::template_of({source->id + ".toml", source->frame});
    return reply(made ? file_response(called, std::move(*made), kCsv) : net::problem(made.error()));
  }
  source = source_asked(on, call);
  if (!source) return reply(net::problem(source.error()));
  const auto options = options_asked(call);
  if (!options) return reply(net::problem(options.error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const auto put = on.desk.wait({*source, *options}, [shared, name, called, kCsv](const IndexAnswer& answer) {
    if (answer.state == IndexAnswer::State::failed) return (*shared)(net::problem(answer.error));
    const std::string* const found = name.ends_with(".csv") ? file_of(*answer.result, name) : nullptr;
    if (!found) return (*shared)(net::problem(404, "not found", fmt::format("there is no file '{}'", name)));
    (*shared)(file_response(called, *found, kCsv));
  });
  if (!put) (*shared)(net::problem(put.error()));
}

Result<index::RunOptions> wish_for_plan(std::string_view body) {
  const JsonValue wish = TRY(JsonValue::parse(body));
  TRY(check_types(wish, {{"unit", JsonType::text}, {"ranks", JsonType::number}, {"costs", JsonType::object}}));
  index::RunOptions out;
  out.samples = 0;
  out.what_if = wish.text_or("unit", "");
  if (out.what_if.empty()) return fail(Errc::invalid, "'unit' says who is to be lifted");
  const double ranks = wish.number_or("ranks", 5);
  if (!(ranks >= 1 && ranks <= 1000 && ranks == double(std::size_t(ranks))))
    return fail(Errc::invalid, "'ranks' is a whole number from 1 to 1000");
  out.ranks = std::size_t(ranks);
  if (const JsonValue* const costs = wish.find("costs"); costs && costs->object()) {
    for (const auto& [code, cost] : *costs->object()) {
      if (!cost.number()) return fail(Errc::invalid, "the cost of '{}' must be a number", code);
      out.costs[code] = *cost.number();
    }
  }
  return out;
}

void plan(const IndexRoutes& on, const Call& call, Reply reply) {
  const auto source = source_asked(on, call);
  if (!source) return reply(net::problem(source.error()));
  if (source->kind != "composite") return reply(net::problem(409, "no ranks", "only a composite index has ranks"));
  const auto options = wish_for_plan(call.request.body);
  if (!options) return reply(net::problem(options.error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const auto put = on.desk.wait({*source, *options}, [shared](const IndexAnswer& answer) {
    if (answer.state == IndexAnswer::State::failed) return (*shared)(net::problem(answer.error));
    (*shared)(json_response(*file_of(*answer.result, "report.json")));
  });
  if (!put) (*shared)(net::problem(put.error()));
}

void write_saving(JsonWriter& out, const IndexSaving& one) {
  out.field("number", one.number).field("by", one.by).field("note", one.note);
  write_time(out, "at", one.at);
}

void list_savings(const IndexRoutes& on, const Call& call, Reply reply) {
  const auto source = on.shelf.find(path_part(call, "id"));
  if (!source) return reply(net::problem(source.error()));
  JsonWriter out;
  out.object().key("savings").array();
  for (const IndexSaving& one : on.shelf.savings(source->id)) {
    out.object();
    write_saving(out, one);
    out.end();
  }
  reply(json_response(out.end().end()));
}

void show_saving(const IndexRoutes& on, const Call& call, Reply reply) {
  const auto number = whole_in("number", path_part(call, "number"), 1'000'000'000);
  if (!number) return reply(net::problem(number.error()));
  const auto saving = on.shelf.saving(path_part(call, "id"), *number);
  if (!saving) return reply(net::problem(saving.error()));
  JsonWriter out;
  out.object();
  write_saving(out, *saving);
  out.field("frame", saving->frame).field("data", saving->data);
  reply(json_response(out.end()));
}

struct SavingWish {
  IndexSaving saving;
  std::vector<index::CellFlaw> flaws;  // of the table: told, and what is sound counts
};

// Everything that is wrong is told before anything is written.
Result<SavingWish> wish_to_save(const IndexRoutes& on, const Call& call) {
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  TRY(check_types(
      body,
      {{"frame", JsonType::text}, {"data", JsonType::text}, {"note", JsonType::text}, {"after", JsonType::number}}));
  SavingWish out;
  IndexSaving& saving = out.saving;
  saving.index = path_part(call, "id");
  if (!IndexShelf::is_name(saving.index)) return fail(Errc::invalid, "a name has a-z, 0-9, _ and -, up to 60 of them");
  saving.frame = body.text_or("frame", ""), saving.data = body.text_or("data", "");
  saving.note = body.text_or("note", ""), saving.by = call.principal.id;
  if (saving.note.size() > kNoteMax) return fail(Errc::invalid, "'note' is too long: {} bytes at most", kNoteMax);
  for (const auto* text : {&saving.frame, &saving.data}) {
    if (text->size() > kTextMax_bytes) return fail(Errc::invalid, "a frame and a table have 4 MiB at most");
  }
  const auto known = on.shelf.find(saving.index);
  if (!known && saving.frame.empty()) return std::unexpected(known.error());
  const std::string& frame = saving.frame.empty() ? known->frame : saving.frame;
  const index::TextFile frame_file{"frame.toml", frame};
  TRY(index::template_of(frame_file));
  if (TRY(index::frame_kind(frame, "frame.toml")) == "survey")
    return fail(
        Errc::conflict,
        "people's answers are not saved through the server, for its log cannot forget: put them into the city's "
        "folder");
  if (saving.data.empty()) return fail(Errc::invalid, "'data' holds the table, as CSV");
  index::RunOptions quick;
  quick.samples = 0;
  out.flaws = TRY(index::run_frame(frame_file, {"data.csv", saving.data}, quick)).flaws;
  const std::uint64_t last = known ? known->number : 0;
  if (const JsonValue* const after = body.find("after"); after && after->number() && *after->number() != double(last))
    return fail(Errc::conflict, "somebody else has saved meanwhile: it is at {} now", last);
  saving.number = last + 1;
  return out;
}

void write_flaws(JsonWriter& out, const std::vector<index::CellFlaw>& flaws) {
  out.field("flawed", flaws.size()).key("problems").array();
  for (std::size_t i = 0; i < flaws.size() && i < kFlawsShown; ++i) {
    out.object().field("unit", flaws[i].unit).field("column", flaws[i].column).field("line", flaws[i].line);
    out.field("reason", flaws[i].reason).end();
  }
  out.end();
}

void save(const IndexRoutes& on, const Call& call, Reply reply) {
  auto wish = wish_to_save(on, call);
  if (!wish) {
    const bool malformed = wish.error().code == Errc::malformed || wish.error().code == Errc::invalid;
    return reply(malformed ? net::problem(422, "cannot be saved", wish.error().message) : net::problem(wish.error()));
  }
  wish->saving.at = on.twin.clock().now();
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(wish->saving.to_write());
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared, wish = std::move(*wish)](const twin::CommitResult& result) {
    if (!result.status) return (*shared)(net::problem(result.status.error()));
    const base::Status& written = result.writes.front();
    if (!written && written.error().code == Errc::exists)
      return (*shared)(net::problem(409, "conflict", "somebody else has saved meanwhile"));
    if (!written) return (*shared)(net::problem(written.error()));
    JsonWriter out;
    out.object();
    write_saving(out, wish.saving);
    write_flaws(out, wish.flaws);
    (*shared)(json_response(out.end(), 201));
  });
}

}  // namespace

void IndexRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/indices", bind(Permission::read_indices, list));
  router.add(Method::get, "/api/v1/indices/{id}", bind(Permission::read_indices, show));
  router.add(Method::put, "/api/v1/indices/{id}", bind(Permission::fill_indices, save));
  router.add(Method::get, "/api/v1/indices/{id}/files/{file}", bind(Permission::read_indices, give_file));
  router.add(Method::post, "/api/v1/indices/{id}/what-if", bind(Permission::read_indices, plan));
  router.add(Method::get, "/api/v1/indices/{id}/savings", bind(Permission::read_indices, list_savings));
  router.add(Method::get, "/api/v1/indices/{id}/savings/{number}", bind(Permission::read_indices, show_saving));
}

}  // namespace cityloop::serve
