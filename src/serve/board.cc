#include "serve/board.h"

#include <algorithm>

#include "base/json_value.h"
#include "flow/own_types.h"

namespace cityloop::serve {
namespace {

using flow::EntityId;
using flow::Name;
using flow::Severity;
using trust::Permission;

constexpr std::string_view kTopics[] = {"entities", "findings", "cases", "commands", "feeds", "clock"};
enum Topic : int { entities, findings, cases, commands, feeds, clock };

constexpr auto kGather = std::chrono::milliseconds(200);  // changes of the map that go together
const Name kLocation("location");

std::string_view geometry_of(const flow::Entity& entity) {
  const flow::Attribute* place = entity.find(kLocation);
  const auto* json = place ? std::get_if<flow::Json>(&place->value) : nullptr;
  return json ? std::string_view(json->text) : std::string_view{};
}

std::shared_ptr<const std::string> message(base::JsonWriter& out) {
  return std::make_shared<const std::string>(out.take());
}

}  // namespace

struct Board::Peer {
  trust::Principal principal;
  Language language;
  std::shared_ptr<net::WebSocket> socket;
  std::atomic<unsigned> topics{0};
  std::atomic<bool> gone{false};
};

Board::Board(twin::Twin& twin, const City& city, const trust::Policy& policy, Sources sources)
    : twin_(twin), city_(city), policy_(policy), sources_(std::move(sources)), position_(twin.head()) {
  twin_.each(flow::kFindingType, [&](const flow::EntityPtr& entity) {
    const auto finding = flow::finding_from(*entity);
    if (finding && finding->status == flow::FindingStatus::active) {
      active_[finding->about].active[finding->id] = finding->severity;
    }
    return true;
  });
  thread_ = std::thread([this] { run(); });
}

Board::~Board() {
  stopping_ = true;
  thread_.join();
}

EntityState Board::state_of(const flow::Entity& entity, const TypeView& view, flow::Instant now) const {
  const flow::Attribute* main = view.main.empty() ? nullptr : entity.find(view.main);
  const bool timed = main && main->observed_at != flow::kNever && view.stale_after.count() > 0;
  if (timed && now - main->observed_at > view.stale_after) return EntityState::stale;
  EntityState state = EntityState::unknown;
  if (const auto value = main ? flow::number_of(main->value) : std::nullopt) state = view.judge(value->near);
  else if (main || view.main.empty()) state = EntityState::ok;
  const std::lock_guard lock(mutex_);
  const auto found = active_.find(entity.id);
  if (found == active_.end()) return state;
  for (const auto& [finding, severity] : found->second.active) {
    const EntityState by_finding = severity >= Severity::severe ? EntityState::alarm : EntityState::warn;
    if (state == EntityState::unknown || state < by_finding) state = by_finding;
  }
  return state;
}

void Board::write_map_entity(base::JsonWriter& out, const Names& names, const flow::Entity& entity,
                             const TypeView& view, EntityState state, bool whole) const {
  out.object().field("id", entity.id.text());
  if (whole) {
    out.field("type", entity.types.front().text()).field("name", names.of(entity));
    if (const auto geometry = geometry_of(entity); !geometry.empty()) out.key("geometry").raw(geometry);
  }
  out.field("state", to_string(state)).key("main");
  if (const flow::Attribute* main = view.main.empty() ? nullptr : entity.find(view.main)) write_reading(out, *main);
  else out.null();
  out.end();
}

std::string Board::map_json(Language language) const {
  const Names names{twin_, language};
  base::JsonWriter out;
  const auto now = twin_.clock().now();
  out.object().field("seq", twin_.head()).field("at", base::format_time(now)).key("entities").array();
  std::vector<flow::EntityPtr> shown;
  twin_.each({}, [&](const flow::EntityPtr& entity) {
    if (entity->find(kLocation) && !flow::has_own_type(entity->types)) shown.push_back(entity);
    return true;
  });
  static const TypeView kPlain;
  for (const flow::EntityPtr& entity : shown) {
    const TypeView* view = city_.view(*entity);
    const TypeView& how = view ? *view : kPlain;
    write_map_entity(out, names, *entity, how, state_of(*entity, how, now), true);
  }
  out.end().end();
  return out.take();
}

net::WebSocketEvents Board::attach(const trust::Principal& principal, Language language,
                                   std::shared_ptr<net::WebSocket> socket) {
  auto peer = std::make_shared<Peer>();
  peer->principal = principal;
  peer->language = language;
  peer->socket = std::move(socket);
  base::JsonWriter hello;
  hello.object().field("kind", "hello").field("seq", twin_.head());
  hello.field("at", base::format_time(twin_.clock().now())).end();
  peer->socket->send(message(hello));
  {
    const std::lock_guard lock(mutex_);
    peers_.push_back(peer);
  }
  net::WebSocketEvents events;
  events.on_message = [peer](std::string_view text) {
    const auto body = base::JsonValue::parse(text);
    const base::JsonValue* wishes = body ? body->find("subscribe") : nullptr;
    if (!wishes || !wishes->array()) return peer->socket->close(1003, "a message is {\"subscribe\": [topics]}");
    unsigned topics = 0;
    for (const base::JsonValue& wish : *wishes->array()) {
      for (std::size_t i = 0; i < std::size(kTopics); ++i) {
        if (wish.text() && *wish.text() == kTopics[i]) topics |= 1u << i;
      }
    }
    peer->topics = topics;
  };
  events.on_close = [peer] { peer->gone = true; };
  return events;
}

std::size_t Board::sockets() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

void Board::tell(int topic, const std::function<std::string(const Names&)>& render,
                 const std::function<bool(const Peer&)>& may) {
  std::vector<std::shared_ptr<Peer>> peers;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(peers_, [](const auto& peer) { return peer->gone.load(); });
    peers = peers_;
  }
  Message rendered[2];
  for (const auto& peer : peers) {
    if (!(peer->topics >> topic & 1) || !may(*peer)) continue;
    Message& text = rendered[std::size_t(peer->language)];
    if (!text) text = std::make_shared<const std::string>(render({twin_, peer->language}));
    if (!peer->socket->send(text)) peer->gone = true;
  }
}

namespace {

template <class Noun>
std::string noun_message(std::string_view kind, const Noun& noun, const Names& names) {
  base::JsonWriter out;
  write(out.object().field("kind", kind).key(kind), noun, names);
  return out.end().take();
}

}  // namespace

void Board::take_finding(EntityId id) {
  const flow::EntityPtr entity = twin_.get(id);
  const auto finding = entity ? flow::finding_from(*entity) : base::fail(base::Errc::not_found, "gone");
  if (!finding) return;
  {
    const std::lock_guard lock(mutex_);
    auto& mine = active_[finding->about].active;
    if (finding->status == flow::FindingStatus::active) mine[id] = finding->severity;
    else mine.erase(id);
    if (mine.empty()) active_.erase(finding->about);
  }
  dirty_.insert(finding->about);
  tell(
      findings, [&](const Names& names) { return noun_message("finding", *finding, names); },
      [](const Peer&) { return true; });
}

// A case is read whole to be told: not where nobody listens.
void Board::tell_case(EntityId id) {
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::none_of(peers_, [](const auto& peer) { return peer->topics >> cases & 1; })) return;
  }
  const flow::EntityPtr entity = twin_.get(id);
  const auto c = entity ? flow::case_from(*entity) : base::fail(base::Errc::not_found, "gone");
  if (!c) return;
  const auto render = [&](const Names& names) {
    base::JsonWriter out;
    write_summary(out.object().field("kind", "case").key("case"), *c, names);
    return out.end().take();
  };
  tell(cases, render, [&](const Peer& peer) {
    return policy_.allows(peer.principal, Permission::read_cases, {c->department, c->area});
  });
}

void Board::tell_command(EntityId id) {
  const flow::EntityPtr entity = twin_.get(id);
  const auto command = entity ? flow::command_from(*entity) : base::fail(base::Errc::not_found, "gone");
  if (!command) return;
  const flow::EntityPtr of = command->for_case.empty() ? nullptr : twin_.get(command->for_case);
  const std::string department(of ? of->text(Name("department")) : ""), area(of ? of->text(Name("area")) : "");
  tell(
      commands, [&](const Names& names) { return noun_message("command", *command, names); },
      [&](const Peer& peer) { return policy_.allows(peer.principal, Permission::read_commands, {department, area}); });
}

void Board::take(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kFindingType)) take_finding(change.entity);
    else if (change.is_a(flow::kCaseType)) tell_case(change.entity);
    else if (change.is_a(flow::kCommandType)) tell_command(change.entity);
    else if (!flow::has_own_type(change.types)) dirty_.insert(change.entity);
  }
}

void Board::tell_entities() {
  if (dirty_.empty()) return;
  const auto now = twin_.clock().now();
  struct Shown {
    EntityId id;
    flow::EntityPtr entity;  // null: gone
    const TypeView* view{nullptr};
    EntityState state{EntityState::unknown};
    bool fresh{false};
  };
  std::vector<Shown> shown;
  for (const EntityId id : dirty_) {
    Shown one{id, twin_.get(id)};
    if (one.entity) {
      one.view = city_.view(*one.entity);
      if (!one.view) continue;
      one.state = state_of(*one.entity, *one.view, now);
      one.fresh = shown_.insert_or_assign(id, one.state).second;
    } else {
      shown_.erase(id);
    }
    shown.push_back(std::move(one));
  }
  dirty_.clear();
  const auto render = [&](const Names& names) {
    base::JsonWriter out;
    out.object().field("kind", "entities").field("seq", position_).field("at", base::format_time(now));
    out.key("changes").array();
    for (const Shown& one : shown) {
      if (one.entity) write_map_entity(out, names, *one.entity, *one.view, one.state, one.fresh);
      else out.object().field("id", one.id.text()).field("removed", true).end();
    }
    return out.end().end().take();
  };
  tell(entities, render, [](const Peer&) { return true; });
}

// What was fine and has not been heard of since is a change too.
void Board::find_stale() {
  const auto now = twin_.clock().now();
  for (const auto& [type, view] : city_.types) {
    if (view.stale_after.count() == 0) continue;
    twin_.each(type, [&](const flow::EntityPtr& entity) {
      const auto shown = shown_.find(entity->id);
      if (shown == shown_.end() || shown->second != state_of(*entity, view, now)) dirty_.insert(entity->id);
      return true;
    });
  }
}

void Board::tell_clock_and_feeds() {
  const ClockView view = sources_.clock();
  base::JsonWriter time;
  time.object().field("kind", "clock").field("now", base::format_time(twin_.clock().now()));
  time.field("speed", view.speed).field("paused", view.paused).end();
  const auto everybody = [](const Peer&) { return true; };
  tell(clock, [&](const Names&) { return time.str(); }, everybody);
  base::JsonWriter list;
  list.object().field("kind", "feeds").key("feeds").raw(sources_.feeds_json()).end();
  tell(feeds, [&](const Names&) { return list.str(); }, everybody);
}

void Board::run() {
  auto next_entities = std::chrono::steady_clock::now();
  auto next_second = next_entities;
  while (!stopping_) {
    const auto records = twin_.read_log(position_, 256, std::chrono::milliseconds(50));
    if (records) {
      for (const flow::LogRecordPtr& record : *records) {
        take(*record);
        position_ = record->seq;
      }
    } else {
      position_ = twin_.head();  // a damaged record is the loops' to report; the view goes on
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_second && sockets() > 0) {
      next_second = now + std::chrono::seconds(1);
      find_stale();
      tell_clock_and_feeds();
    }
    if (now >= next_entities) {
      next_entities = now + kGather;
      if (sockets() > 0) tell_entities();
      else dirty_.clear();
    }
  }
}

}  // namespace cityloop::serve
