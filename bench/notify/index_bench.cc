// What it costs an append to find who wants it, among one or ten thousand subscriptions to the same type of which it
// meets one: told apart by id, by a value, by a range of values, by their place, or by nothing but another type.
#include <benchmark/benchmark.h>

#include "notify/subscription_index.h"

namespace cityloop::notify {
namespace {

enum Kind : int { by_type, by_id, by_value, by_range, by_place };

std::string members(Kind kind, std::int64_t i) {
  switch (kind) {
    case by_type: return fmt::format(R"("entities":[{{"type":"T{}"}}])", i);
    case by_id: return fmt::format(R"("entities":[{{"type":"T0","id":"urn:x:{}"}}])", i);
    case by_value: return fmt::format(R"("entities":[{{"type":"T0"}}],"q":"name==\"n{}\"")", i);
    case by_range: return fmt::format(R"("entities":[{{"type":"T0"}}],"q":"a=={}..{}")", i, double(i) + 0.5);
    case by_place:
      return fmt::format(
          R"("entities":[{{"type":"T0"}}],"geoQ":{{"georel":"near;maxDistance==100","geometry":"Point","coordinates":[{},56]}})",
          double(i) * 0.01);
  }
  return {};
}

void one_change(benchmark::State& state) {
  const auto kind = Kind(state.range(0));
  SubscriptionIndex index;
  std::vector<Subscription> all;
  for (std::int64_t i = 0; i < state.range(1); ++i) {
    all.push_back(Subscription::parse(
                      fmt::format(R"({{"type":"Subscription",{},"notification":{{"endpoint":{{"uri":"http://x/"}}}}}})",
                                  members(kind, i)))
                      .value());
    index.add(SubscriptionIndex::Handle(i), all.back());
  }
  auto entity = std::make_shared<flow::Entity>();
  entity->id = flow::EntityId("urn:x:0");
  entity->types = {flow::Name("T0")};
  entity->attributes = {flow::property(flow::Name("a"), 0.0), flow::property(flow::Name("name"), flow::Text("n0")),
                        flow::geo_point(flow::Name("location"), 0, 56)};
  flow::Change change;
  change.entity = entity->id;
  change.types = entity->types;
  change.attributes = {{entity->attributes.front()}};
  std::vector<SubscriptionIndex::Handle> found;
  std::int64_t wanted = 0;
  for (auto _ : state) {
    index.find(change, [&] { return entity.get(); }, found);
    for (const SubscriptionIndex::Handle handle : found) wanted += all[handle].wants(change, entity);
  }
  if (wanted != std::int64_t(state.iterations())) state.SkipWithError("one of them wants it");
}
BENCHMARK(one_change)
    ->ArgNames({"kind", "subscriptions"})
    ->ArgsProduct({{by_type, by_id, by_value, by_range, by_place}, {1, 10'000}});

}  // namespace
}  // namespace cityloop::notify
