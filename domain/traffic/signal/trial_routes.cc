#include "domain/traffic/signal/trial_routes.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/json_value.h"
#include "serve/respond.h"

namespace cityloop::traffic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;

constexpr std::uintmax_t kBytesMax = 4u << 20;

// Names as `cologne1-seed7`; nothing that leads out of the folder.
bool is_name(std::string_view id) {
  return !id.empty() && id.size() <= 100 && id.front() != '.' && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

std::map<std::string, std::filesystem::path> files_in(const std::vector<std::string>& folders) {
  std::map<std::string, std::filesystem::path> out;
  for (const std::string& folder : folders) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
      if (entry.path().extension() == ".json") out[entry.path().stem().string()] = entry.path();
  }
  return out;
}

Result<JsonValue> read(const std::filesystem::path& file) {
  std::error_code none;
  if (std::filesystem::file_size(file, none) > kBytesMax || none)
    return fail(Errc::invalid, "{}: not a file of at most 4 MiB", file.filename().string());
  JsonValue trial = TRY(JsonValue::parse(TRY(base::read_file(file.string()))));
  const JsonValue* const runs = trial.find("runs");
  if (!runs || !runs->array() || trial.text_or("network", "").empty() || trial.text_or("madeAt", "").empty())
    return fail(Errc::invalid, "{}: no trial: network, madeAt or runs are missing", file.filename().string());
  return trial;
}

struct Summary {
  std::string made_at, json;
};

Summary summary_of(const std::string& id, const JsonValue& trial) {
  base::JsonWriter out;
  out.object().field("id", id).field("network", trial.text_or("network", ""));
  out.field("seed", trial.number_or("seed", 0)).field("madeAt", trial.text_or("madeAt", "")).key("runs").array();
  for (const JsonValue& run : *trial.find("runs")->array()) {
    out.object().field("controller", run.text_or("controller", "")).field("delayS", run.number_or("delayS", 0));
    out.field("gridlocked", run.boolean_or("gridlocked", false)).end();
  }
  out.end().end();
  return {trial.text_or("madeAt", ""), out.take()};
}

void answer_later(const TrialRoutes& on, net::Reply reply, std::move_only_function<net::Response()> work) {
  auto shared = std::make_shared<net::Reply>(std::move(reply));
  const bool taken = on.back_room.post([shared, work = std::move(work)]() mutable { (*shared)(work()); });
  if (!taken) (*shared)(net::problem(503, "busy", "too much is being worked on; ask again in a moment"));
}

void list(const TrialRoutes& on, const serve::Call&, net::Reply reply) {
  answer_later(on, std::move(reply), [shelf = on.shelf] { return serve::json_response(shelf.list_json()); });
}

void show(const TrialRoutes& on, const serve::Call& call, net::Reply reply) {
  answer_later(on, std::move(reply), [shelf = on.shelf, id = std::string(serve::path_part(call, "id"))] {
    auto trial = shelf.trial_json(id);
    return trial ? serve::json_response(*std::move(trial)) : net::problem(trial.error());
  });
}

}  // namespace

std::string TrialShelf::list_json() const {
  std::vector<Summary> all;
  base::JsonWriter wrong;
  wrong.array();
  for (const auto& [id, file] : files_in(folders_)) {
    if (!is_name(id)) continue;
    const auto trial = read(file);
    if (trial) all.push_back(summary_of(id, *trial));
    else wrong.object().field("file", file.filename().string()).field("why", trial.error().message).end();
  }
  wrong.end();
  std::ranges::stable_sort(all, std::ranges::greater{}, &Summary::made_at);
  base::JsonWriter out;
  out.object().key("trials").array();
  for (const Summary& one : all) out.raw(one.json);
  out.end().key("unreadable").raw(wrong.str()).end();
  return out.take();
}

Result<std::string> TrialShelf::trial_json(std::string_view id) const {
  const auto files = files_in(folders_);
  const auto found = files.find(std::string(id));
  if (!is_name(id) || found == files.end()) return fail(Errc::not_found, "there is no trial '{}'", id);
  JsonValue trial = TRY(read(found->second));
  auto& members = std::get<JsonValue::Object>(trial.is);
  std::erase_if(members, [](const JsonValue::Member& member) { return member.key == "id"; });
  members.insert(members.begin(), {"id", {std::string(id)}});
  return trial.dump();
}

void TrialRoutes::add_to(net::Router& router) const {
  const auto bind = serve::binder(*this);
  router.add(net::Method::get, "/api/v1/traffic/trials", bind(trust::Permission::read_city, list));
  router.add(net::Method::get, "/api/v1/traffic/trials/{id}", bind(trust::Permission::read_city, show));
}

}  // namespace cityloop::traffic
