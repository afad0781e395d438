// How writes are answered: an entity's as 201 or 204, those of which a part was left as 207 (clauses 5.2.17, 5.2.18).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/exchange.h"
#include "broker/federation/federation.h"
#include "twin/commit.h"

namespace cityloop::broker {

// What the standard API may not do: touch entities of the house's own loops (flow/own_types.h), or give an entity a
// life that is over.
base::Status check_write(const Tenant&, const flow::Write&);
// The entity in the path is of the types that `type` selects; one that is not is not found (clause 6.5.3). All is well
// where nothing is selected, and where nobody is there.
base::Status check_selected(const Exchange&, flow::EntityId);

// Commits one write; `success` makes the answer once it is on disk.
void commit_one(Tenant&, std::string_view origin, flow::Write, net::Reply,
                std::function<net::Response(const twin::CommitResult&)> success);

// The same, together with the sources that have a part in it.
using Success = std::function<net::Response(const twin::CommitResult&)>;
void carry_out(const Federation&, const Exchange&, Operation, flow::Write, Success, net::Reply);
// Here and there, where `local` does our part: at once, or not at all.
void distribute(const Federation&, const Exchange&, Operation, flow::Write, const Federation::LocalWrite& local,
                net::Reply);

// 204, or 207 with an UpdateResult when attributes were left as they were. `shown` gives an attribute's name as the
// caller writes it.
net::Response update_result(const std::vector<std::string>& updated,
                            const std::vector<std::pair<std::string, std::string>>& not_updated);

// The outcome of a batch, entity by entity: those refused at reading and those refused by the twin.
struct BatchOutcome {
  std::vector<std::string> created, updated;
  std::vector<std::pair<std::string, base::Error>> errors;
};
enum class BatchKind : std::uint8_t { create, upsert, other };
net::Response batch_response(const BatchOutcome&, BatchKind);

}  // namespace cityloop::broker
