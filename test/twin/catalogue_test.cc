// What is counted as entities come and go is what a walk over all of them finds.
#include "twin/catalogue.h"

#include <map>
#include <set>

#include "base/rng.h"
#include "flow/own_types.h"
#include "twin/expiry.h"
#include "twin_fixture.h"

namespace cityloop::twin {
namespace {

using flow::AttributeKind;
using flow::Entity;
using flow::WriteMode;

struct Counted {
  std::size_t count{0};
  std::map<AttributeKind, std::size_t> kinds;
  bool operator==(const Counted&) const = default;
};
using Attributes = std::map<std::string, Counted>;
struct All {
  std::map<std::string, std::pair<std::size_t, Attributes>> types;
  Attributes attributes;
  bool operator==(const All&) const = default;
};

Attributes copied(const Catalogue::Uses& uses) {
  Attributes out;
  for (const auto& [name, use] : uses) {
    Counted& mine = out[std::string(name.text())];
    mine.count = use.count;
    for (std::size_t kind = 0; kind < kAttributeKinds; ++kind) {
      if (use.kinds[kind] > 0) mine.kinds[AttributeKind(kind)] = use.kinds[kind];
    }
  }
  return out;
}

All counted(const Twin& twin) {
  All out;
  twin.look([&](const Catalogue& catalogue) {
    for (const auto& [type, of] : catalogue.types()) {
      out.types[std::string(type.text())] = {of.count, copied(of.attributes)};
    }
    out.attributes = copied(catalogue.attributes());
  });
  return out;
}

void add(Attributes& to, const std::map<std::string, std::set<AttributeKind>>& of) {
  for (const auto& [name, kinds] : of) {
    ++to[name].count;
    for (const AttributeKind kind : kinds) ++to[name].kinds[kind];
  }
}

All walked(const Twin& twin) {
  All out;
  twin.each({}, [&](const EntityPtr& entity) {
    if (flow::has_own_type(entity->types)) return true;
    std::map<std::string, std::set<AttributeKind>> mine;
    for (const flow::Attribute& attribute : entity->attributes) {
      mine[std::string(attribute.name.text())].insert(attribute.kind);
    }
    add(out.attributes, mine);
    for (const Name type : entity->types) {
      auto& [count, attributes] = out.types[std::string(type.text())];
      ++count;
      add(attributes, mine);
    }
    return true;
  });
  return out;
}

// A small city, so that the same entities change again and again: types come, kinds of attributes change, some have
// several instances, some belong to a loop of the house.
flow::Write random_write(base::Rng& rng) {
  constexpr std::array kModes{WriteMode::upsert, WriteMode::replace, WriteMode::update, WriteMode::patch,
                              WriteMode::erase,  WriteMode::merge,   WriteMode::append, WriteMode::erase_attributes};
  flow::Write out;
  out.entity = flow::EntityId(fmt::format("urn:c:{}", rng.below(60)));
  out.mode = kModes[rng.below(kModes.size())];
  std::vector<Name> types;
  for (std::uint64_t n = rng.below(3); n > 0; --n) types.emplace_back(fmt::format("T{}", rng.below(4)));
  if (rng.below(20) == 0) types.push_back(flow::kFindingType);
  out.types = types;
  for (std::uint64_t n = rng.below(4); n > 0; --n) {
    flow::Attribute attribute = flow::property(Name(fmt::format("a{}", rng.below(6))), 1.0 * double(rng.below(9)));
    attribute.kind = AttributeKind(rng.below(kAttributeKinds));
    if (rng.below(3) == 0) attribute.dataset_id = Name(fmt::format("urn:d:{}", rng.below(2)));
    out.attributes.push_back(std::move(attribute));
  }
  out.every_dataset = rng.below(2) == 0;
  return out;
}

using CatalogueTest = TwinFixture;

TEST_F(CatalogueTest, CountsWhatAWalkFindsAfterWritesAndRestarts) {
  base::Rng rng(20260501);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 40; ++i) (void)put(random_write(rng));
    ASSERT_EQ(counted(*twin_), walked(*twin_)) << "round " << round;
    if (round % 15 == 14) reopen();
    ASSERT_EQ(counted(*twin_), walked(*twin_)) << "round " << round;
  }
  EXPECT_GT(counted(*twin_).attributes.size(), 3u);
}

TEST_F(CatalogueTest, WhatExpiresIsNotCountedAnyMore) {
  flow::Write write = reading("urn:c:1", 5, clock_.now(), WriteMode::upsert);
  write.expires_at = clock_.now() + std::chrono::seconds(2);
  ASSERT_TRUE(put(std::move(write)).writes.front());
  EXPECT_EQ(counted(*twin_).types.size(), 1u);
  Expiry expiry;
  Outbox out;
  for (const LogRecordPtr& record : twin_->read_log(0, 10, base::Duration::zero()).value()) {
    expiry.on_record(*record, out);
  }
  flow::LogRecord tick;
  tick.at = clock_.now() + std::chrono::seconds(3);
  expiry.on_record(tick, out);
  ASSERT_EQ(out.writes.size(), 1u);
  ASSERT_TRUE(put(std::move(out.writes.front())).writes.front());
  EXPECT_EQ(counted(*twin_), All{});
}

}  // namespace
}  // namespace cityloop::twin
