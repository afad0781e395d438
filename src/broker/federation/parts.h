// A write that goes to several places: what each did of it, and the one answer to the caller (ETSI GS CIM 009, clauses
// 5.2.16 to 5.2.19, 6.3.17). Inside of federation_write.cc and federation_batch.cc.
#pragma once

#include <string>
#include <vector>

#include "broker/federation/inside.h"

namespace cityloop::broker {

// Problem details as they stand in the lists of a 207.
struct Trouble {
  int status{502};
  std::string problem;  // JSON object
  std::string reason;   // for a person
};
Trouble trouble_of(const Answer&);
Trouble trouble_of(const net::Response& ours);
Trouble unsupported_by(const Registration&, Operation);
net::Response response_of(const Trouble&);

struct NotUpdated {
  std::string attribute;  // as an IRI
  std::string reason;
  std::string registration;
};

// What one place did of a write to one entity.
struct Part {
  std::string registration;            // empty: here
  std::vector<flow::Name> attributes;  // of the write; empty: the whole entity
  bool good{false};
  Trouble trouble{};                      // when not good
  bool made{false};                       // it was not there before
  std::vector<NotUpdated> not_updated{};  // of an UpdateResult that it answered with
  net::Response response{};               // ours
};
Part part_of(const Answer&);
Part part_of(const net::Response& ours, std::vector<flow::Name> attributes);

// How a write to one entity is answered.
struct Answering {
  std::string entity;
  std::string location{};       // of what it may make: 201 where somebody made it; empty: it makes nothing
  bool attribute_lists{false};  // partial success is an UpdateResult rather than a BatchOperationResult
};
net::Response answer_of(const Answering&, const std::vector<Part>&);

}  // namespace cityloop::broker
