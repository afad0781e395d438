// What the parameters of a request ask: which entities, and in which form they are given (clauses 5.7.2, 6.3.7, 6.4.3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "broker/exchange.h"
#include "twin/ngsi.h"
#include "twin/query.h"

namespace cityloop::broker {

enum class Join : std::uint8_t { none, in_line, flat };

// How entities are given; the rendering refers to the exchange's context, which must outlive it.
struct Form {
  twin::Rendering rendering;
  flow::Name geometry;  // of GeoJSON
  Join join{Join::none};
  int join_depth{1};
  std::vector<flow::EntityId> contained_by;
};

base::Result<Form> form_of(const Exchange&);
// The same with parameters from elsewhere: the body of a query.
base::Result<Form> form_of(const Exchange&, const twin::Argument&);

// Parameters that every read of entities knows.
const std::vector<std::string_view>& read_parameters();
const std::vector<std::string_view>& query_parameters();

// A Query of a body (clause 5.2.23) as if its members were parameters; limit, offset and count stay parameters.
struct BodyQuery {
  static base::Result<BodyQuery> parse(const Exchange&);
  std::optional<std::string_view> argument(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> members;
  std::vector<twin::EntitySelector> selectors;  // more than one entity selector
};

// Whether a query says enough to be asked (clause 5.7.2.4).
base::Status check_selective(const twin::EntityFilter&, const twin::Argument&);

// One entity, or a list, as the form and the caller's media type have it. `find` gives linked entities.
std::string written(const Exchange&, const Form&, const flow::EntityPtr&);
std::string written(const Exchange&, const Form&, const std::vector<flow::EntityPtr>&);

// How a body is read: in the caller's context.
twin::Reading reading_of(const Exchange&);

}  // namespace cityloop::broker
