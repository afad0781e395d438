#include "serve/command_routes.h"

#include "act/device_types.h"
#include "base/json_value.h"
#include "flow/command.h"
#include "flow/own_types.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using flow::Command;
using flow::Name;
using net::Reply;
using trust::Permission;

Result<Command> find_command(const twin::Twin& twin, std::string_view id) {
  const flow::EntityPtr entity = twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kCommandType)) return fail(Errc::not_found, "there is no command '{}'", id);
  return flow::command_from(*entity);
}

net::Response command_response(const Names& names, const Command& command, int status = 200) {
  JsonWriter out;
  write(out, command, names);
  return json_response(out, status);
}

// The department and area that a command belongs to are those of its case.
struct CommandScope {
  std::string department, area;
  trust::Scope scope() const { return {department, area}; }
};

CommandScope scope_of(const twin::Twin& twin, const Command& command) {
  CommandScope out;
  const flow::EntityPtr entity = command.for_case.empty() ? nullptr : twin.get(command.for_case);
  if (!entity) return out;
  out.department = entity->text(Name("department"));
  out.area = entity->text(Name("area"));
  return out;
}

void list_commands(const CommandRoutes& on, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto argument = [&](std::string_view name) { return call.request.argument(name).value_or(""); };
  auto commands = all_of<Command>(on.twin, flow::kCommandType, flow::command_from, [](const auto&) { return true; });
  std::erase_if(commands, [&](const Command& command) {
    if (!argument("status").empty() && argument("status") != to_string(command.status)) return true;
    if (!argument("case").empty() && argument("case") != command.for_case.text()) return true;
    return !on.guard.policy().allows(call.principal, Permission::read_commands, scope_of(on.twin, command).scope());
  });
  JsonWriter out;
  out.object();
  const Names names{on.twin, language_of(call.request)};
  write_page(out, "commands", commands, *wish, [&](const Command& command) { write(out, command, names); });
  out.end();
  reply(json_response(out));
}

Result<Command> command_wish(const CommandRoutes& on, const Call& call) {
  const auto body = TRY(base::JsonValue::parse(call.request.body));
  Command command;
  const std::string device = body.text_or("device", "");
  command.device = flow::EntityId::lookup(device);
  if (command.device.empty() || !on.twin.get(command.device))
    return fail(Errc::not_found, "there is no device '{}'", device);
  command.name = body.text_or("name", "");
  const base::JsonValue* value = body.find("value");
  if (command.name.empty() || !value) return fail(Errc::invalid, "a command needs 'name' and 'value'");
  command.value = value->dump();
  if (const std::string id = body.text_or("case", ""); !id.empty()) command.for_case = flow::EntityId::lookup(id);
  command.requested_by = call.principal.id;
  command.requested_at = on.twin.clock().now();
  static std::atomic<std::uint64_t> count{0};
  command.id = flow::EntityId(fmt::format("urn:ngsi-ld:Command:{}-{}", base::to_us(base::WallClock().now()), ++count));
  return command;
}

void request_command(const CommandRoutes& on, const Call& call, Reply reply) {
  auto command = command_wish(on, call);
  if (!command) return reply(net::problem(command.error()));
  const CommandScope scope = scope_of(on.twin, *command);
  if (const auto may = on.guard.may(call.principal, Permission::request_command, scope.scope()); !may) {
    return reply(net::problem(may.error()));
  }
  twin::Commit commit;
  commit.origin = Name(call.principal.id);
  commit.writes.push_back(flow::to_write(*command));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared, names = Names{on.twin, language_of(call.request)},
                                     command = *command](twin::CommitResult result) {
    if (!result.status) return (*shared)(net::problem(result.status.error()));
    (*shared)(command_response(names, command, 201));
  });
}

void decide_command(const CommandRoutes& on, const Call& call, Reply reply) {
  const auto command = find_command(on.twin, path_part(call, "id"));
  if (!command) return reply(net::problem(command.error()));
  const auto body = base::JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  const std::string verb = body->text_or("verb", "");
  if (verb != "approve" && verb != "refuse" && verb != "withdraw") {
    return reply(net::problem(400, "invalid", "'verb' must be approve, refuse or withdraw"));
  }
  const Permission needed = verb == "withdraw" ? Permission::request_command : Permission::approve_command;
  const CommandScope scope = scope_of(on.twin, *command);
  if (const auto may = on.guard.may(call.principal, needed, scope.scope()); !may) {
    return reply(net::problem(may.error()));
  }
  flow::Action action;
  action.target = command->id;
  action.verb = verb;
  action.note = body->text_or("note", "");
  action.by = call.principal.id;
  const auto key = once_key_of(call.request);
  if (!key) return reply(net::problem(key.error()));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.desk.submit(std::move(action), *key,
                 [shared, names = Names{on.twin, language_of(call.request)}](Result<flow::Action> done) {
                   if (!done) return (*shared)(desk_problem(done.error()));
                   if (done->status == flow::ActionStatus::refused)
                     return (*shared)(net::problem(409, "refused", done->reason));
                   const auto after = find_command(names.twin, done->target.text());
                   (*shared)(after ? command_response(names, *after) : net::problem(after.error()));
                 });
}

std::string_view kind_name(act::ValueKind kind) {
  constexpr std::string_view kNames[] = {"boolean", "number", "text"};
  return kNames[std::size_t(kind)];
}

std::string exclusion_name(const act::Exclusion& exclusion) {
  switch (exclusion.where) {
    case act::Exclusion::Where::relationship:
      return fmt::format("$ref:{}.{}", exclusion.relationship.text(), exclusion.command);
    case act::Exclusion::Where::group: return fmt::format("$group.{}", exclusion.command);
    case act::Exclusion::Where::same_device: break;
  }
  return exclusion.command;
}

void write_spec(JsonWriter& out, const act::CommandSpec& spec) {
  out.object().field("name", spec.name).field("kind", kind_name(spec.kind));
  if (spec.min) out.field("min", *spec.min);
  if (spec.max) out.field("max", *spec.max);
  if (!spec.unit.empty()) out.field("unitCode", spec.unit);
  out.field("needsApproval", spec.approval.when != act::ApprovalRule::When::never);
  out.field("minIntervalS", double(spec.min_interval.count()) / 1e6).key("excludes").array();
  for (const act::Exclusion& exclusion : spec.excludes) out.text(exclusion_name(exclusion));
  out.end().end();
}

void list_devices(const CommandRoutes& on, const Call& call, Reply reply) {
  const Names names{on.twin, language_of(call.request)};
  JsonWriter out;
  out.object().key("devices").array();
  for (const act::DeviceType& type : on.devices.all()) {
    const bool told_apart = type.entity_type == "Device";
    on.twin.each(Name(type.entity_type), [&](const flow::EntityPtr& entity) {
      const bool mine =
          !told_apart || entity->text(Name("deviceType")) == type.id || entity->text(Name("deviceCategory")) == type.id;
      if (!mine) return true;
      out.object().field("id", entity->id.text()).field("type", type.id).field("name", names.of(*entity));
      out.key("commands").array();
      for (const act::CommandSpec& spec : type.commands) write_spec(out, spec);
      out.end().end();
      return true;
    });
  }
  out.end().end();
  reply(json_response(out));
}

}  // namespace

void CommandRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/commands", bind(Permission::read_commands, list_commands));
  router.add(Method::post, "/api/v1/commands", bind(Permission::request_command, request_command));
  router.add(Method::post, "/api/v1/commands/{id}/actions", bind(Permission::read_commands, decide_command));
  router.add(Method::get, "/api/v1/devices", bind(Permission::read_commands, list_devices));
}

}  // namespace cityloop::serve
