// What a temporal request asks, from its parameters or the body of a query (ETSI GS CIM 009, clauses 5.7.3, 5.7.4,
// 6.18.3, 6.24.3).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/entity_map_query.h"
#include "broker/exchange.h"
#include "broker/form.h"
#include "twin/history/temporal_query.h"
#include "twin/query/query.h"

namespace cityloop::broker {

enum class TemporalForm : std::uint8_t { instances, values, aggregated };

struct TemporalRequest {
  TemporalForm as{TemporalForm::instances};
  Form form;  // normalized or concise, sysAttrs, picks, language, datasets
  twin::TemporalQuery time;
  twin::EntityFilter filter;      // of a query; `ids` are not in it
  std::vector<std::string> urns;  // those asked for by name; empty: all
  bool in_order{false};           // those are given in the order in which they stand
  MapWish map;                    // whether a query goes by a map
};

const std::vector<std::string_view>& temporal_read_parameters();
const std::vector<std::string_view>& temporal_query_parameters();

// Of one entity: which one is in the path.
base::Result<TemporalRequest> temporal_retrieval(const Exchange&);
// Of many, by parameters or by body.
base::Result<TemporalRequest> temporal_query(const Exchange&);
base::Result<TemporalRequest> temporal_body_query(const Exchange&);

}  // namespace cityloop::broker
