// What was said to last until a time is gone after it, and not before, also over a restart.
#include "twin/expiry.h"

#include <gtest/gtest.h>

namespace cityloop::twin {
namespace {

flow::Instant at(int second) {
  return base::from_us(1'700'000'000'000'000 + std::int64_t{second} * 1'000'000);
}

flow::LogRecord record(int second, std::string_view id = {}, flow::Instant expires = flow::kNever,
                       flow::ChangeKind kind = flow::ChangeKind::updated) {
  flow::LogRecord out;
  out.at = at(second);
  if (id.empty()) return out;
  flow::Change change;
  change.entity = flow::EntityId(id);
  change.kind = kind;
  change.expires_at = expires;
  out.changes.push_back(change);
  return out;
}

TEST(Expiry, ErasesInTimeAndOnce) {
  Expiry expiry;
  Outbox out;
  expiry.on_record(record(0, "urn:x:a", at(10)), out);
  expiry.on_record(record(1, "urn:x:b", at(5)), out);
  expiry.on_record(record(4), out);
  EXPECT_TRUE(out.empty());
  expiry.on_record(record(6), out);
  ASSERT_EQ(out.writes.size(), 1u);
  EXPECT_EQ(out.writes.front().entity, flow::EntityId("urn:x:b"));
  EXPECT_EQ(out.writes.front().mode, flow::WriteMode::erase);

  base::ByteWriter saved;
  expiry.save(saved);
  Expiry again;
  const std::string bytes = saved.take();
  base::ByteReader in(bytes);
  ASSERT_TRUE(again.load(in));
  Outbox later;
  again.on_record(record(10), later);
  ASSERT_EQ(later.writes.size(), 1u);
  EXPECT_EQ(later.writes.front().entity, flow::EntityId("urn:x:a"));
  again.on_record(record(11), later);
  EXPECT_EQ(later.writes.size(), 1u);
}

TEST(Expiry, ALaterTimeTakesTheEarliersPlaceAndErasureEndsIt) {
  Expiry expiry;
  Outbox out;
  expiry.on_record(record(0, "urn:x:c", at(5)), out);
  expiry.on_record(record(1, "urn:x:c", at(50)), out);
  expiry.on_record(record(2, "urn:x:d", at(5)), out);
  expiry.on_record(record(3, "urn:x:d", at(5), flow::ChangeKind::erased), out);
  expiry.on_record(record(20), out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace cityloop::twin
