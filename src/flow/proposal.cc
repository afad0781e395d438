#include "flow/proposal.h"

#include <algorithm>

#include "flow/case_parts.h"
#include "flow/noun.h"
#include "flow/proposal_parts.h"

namespace cityloop::flow {

bool Proposal::is_settled() const {
  return std::ranges::all_of(routes, [](const ProposalRoute& route) {
    return route.status != ProposalStatus::accepted || std::ranges::none_of(route.stops, [](const ProposalStop& stop) {
             return stop.appointed == Appointed::waiting;
           });
  });
}

EntityId proposal_id(std::string_view department, std::uint32_t number) {
  return EntityId(fmt::format("urn:ngsi-ld:Proposal:{}:{}", department, number));
}

Write to_write(const Proposal& one) {
  return NounWriter(one.id, "Proposal", WriteMode::replace)
      .number("number", one.number)
      .text("department", one.department)
      .text("status", to_string(one.status))
      .time("madeAt", one.made_at)
      .number("state", double(one.state))
      .text("trigger", one.trigger)
      .text("by", one.by)
      .text("decidedBy", one.decided_by)
      .time("decidedAt", one.decided_at)
      .text("note", one.note)
      .json("routes", routes_json(one.routes))
      .json("undone", undone_json(one.undone))
      .json("idle", texts_json(one.idle))
      .json("overruled", overrules_json(one.overruled))
      .json("notes", becauses_json(one.notes))
      .json("figures", figures_json(one.figures))
      .take();
}

base::Result<Proposal> proposal_from(const Entity& entity) {
  TRY(require_type(entity, "Proposal"));
  Proposal out;
  out.id = entity.id;
  out.number = std::uint32_t(entity.number(Name("number")).value_or(0));
  out.department = text_field(entity, "department");
  out.status = TRY(proposal_status_from(text_field(entity, "status")));
  out.made_at = time_field(entity, "madeAt");
  out.state = Seq(entity.number(Name("state")).value_or(0));
  out.trigger = text_field(entity, "trigger");
  out.by = text_field(entity, "by");
  out.decided_by = text_field(entity, "decidedBy");
  out.decided_at = time_field(entity, "decidedAt");
  out.note = text_field(entity, "note");
  out.routes = TRY(routes_from(json_field(entity, "routes")));
  out.undone = TRY(undone_from(json_field(entity, "undone")));
  out.idle = TRY(texts_from(json_field(entity, "idle")));
  out.overruled = TRY(overrules_from(json_field(entity, "overruled")));
  out.notes = TRY(becauses_from(json_field(entity, "notes")));
  out.figures = TRY(figures_from(json_field(entity, "figures")));
  if (out.department.empty()) return base::fail(base::Errc::invalid, "a proposal is of some department");
  return out;
}

}  // namespace cityloop::flow
