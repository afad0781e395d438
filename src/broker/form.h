// What the parameters of a request ask: which entities, and in which form they are given (clauses 5.7.2, 6.3.7, 6.4.3).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json_value.h"
#include "broker/exchange.h"
#include "twin/ngsi/ngsi.h"
#include "twin/query/query.h"

namespace cityloop::broker {

enum class Join : std::uint8_t { none, in_line, flat };

// How entities are given; the rendering refers to the exchange's context, which must outlive it.
struct Form {
  twin::Rendering rendering;
  flow::Name geometry;  // of GeoJSON
  Join join{Join::none};
  int join_depth{1};
  std::vector<flow::EntityId> contained_by;
  std::vector<std::string> not_again;  // the same as it came: also those never seen here
  int link_depth() const { return join == Join::none ? 0 : join_depth; }
};

base::Result<Form> form_of(const Exchange&);
// The same with parameters from elsewhere: the body of a query.
base::Result<Form> form_of(const Exchange&, const twin::Argument&);

// Parameters that every read of entities knows.
const std::vector<std::string_view>& read_parameters();
const std::vector<std::string_view>& query_parameters();

// A Query of a body (clause 5.2.23) as if its members were parameters; limit, offset, count and local stay parameters.
struct BodyQuery {
  static base::Result<BodyQuery> parse(const Exchange&);
  std::optional<std::string_view> argument(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> members;
  std::vector<twin::EntitySelector> selectors;
  bool every_type{false};  // some selector's type is "*"
};

// Whether a query says enough to be asked, and asks no more than is allowed (clause 5.7.2.4): of linked entities as far
// as they are retrieved, and for an order only of what is here.
base::Status check_selective(const twin::EntityFilter&, const twin::Argument&, int link_depth = 0);
// The selectors of a body's Query, and from them where to look.
void take_selectors(const BodyQuery&, twin::EntityFilter&);
// The answer to a limit that is beyond all bounds (clause 4.12).
std::optional<net::Response> check_limit(const twin::EntityFilter&);

// One entity, or a list, as the form and the caller's media type have it. Linked entities are those given (linked.h),
// or else those that are held here.
using LinkedEntities = std::unordered_map<flow::EntityId, flow::EntityPtr>;
std::string written(const Exchange&, const Form&, const flow::EntityPtr&, const LinkedEntities& = {});
std::string written(const Exchange&, const Form&, const std::vector<flow::EntityPtr>&, const LinkedEntities& = {});

// Parameters that the writes of entities know; those that say nothing to one of them do no harm there.
const std::vector<std::string_view>& write_parameters();
const std::vector<std::string_view>& purge_parameters();

// How a body is read: in the caller's context, in the form that `options` or `format` name, for the entity in the path.
twin::Reading reading_of(const Exchange&);

// The time and language that a merge gives to what it merges (clause 5.6.17.4).
struct MergeWish {
  flow::Instant observed_at{flow::kNever};
  flow::Name lang;
  void give_to(flow::Write&) const;
};
base::Result<MergeWish> merge_wish(const Exchange&);

}  // namespace cityloop::broker
