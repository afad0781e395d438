#include "trust/policy.h"

#include <gmock/gmock.h>

#include "trust/grants.h"

namespace cityloop::trust {
namespace {

using base::Errc;

// The promise, written down a second time and by hand: one letter a permission, in the order of the enum.
//   A anywhere · O in one's own department only · . never
struct Row {
  std::string_view role, may;
};
constexpr std::string_view kColumns[] = {
    "read_city",       "write_entities",  "subscribe",       "read_cases",    "handle_case",  "work_case",
    "read_commands",   "request_command", "approve_command", "control_feeds", "read_rules",   "test_rules",
    "read_operations", "inspect",         "hold_rounds",     "see_awards",    "enter_awards", "run_awards",
    "judge_awards",    "decide_awards",   "audit_awards",    "read_indices",  "fill_indices"};
constexpr Row kExpected[] = {
    // clang-format off
    //               r w s  c h w  r r a  f  r t o  i h  s e r j d a  r f
    {"viewer",       "A.." "..." "..." "." "..." ".." "......" ".."},
    {"operator",     "A.." "AA." "AA." "A" "AAA" ".." "......" "A."},
    {"dispatcher",   "A.." "AO." "AO." "." "AAA" ".." "......" "A."},
    {"worker",       "A.." "O.O" "O.." "." "..." ".." "......" ".."},
    {"supervisor",   "A.." "AA." "A.A" "." "AAA" ".A" "......" "AA"},
    {"integrator",   "AAA" "..." "..." "A" "AAA" ".." "......" ".."},
    {"data_officer", "A.." "..." "..." "." "..A" ".." "......" "AA"},
    {"planner",      "A.." "..." "..." "." "AA." ".." "......" "AA"},
    {"open311",      "..." "..." "..." "." "..." ".." "......" ".."},
    {"inspector",    "..." "..." "..." "." "..." "A." "......" ".."},
    {"participation","..." "..." "..." "." "..." ".." "......" ".."},
    {"applicant",     "..." "..." "..." "." "..." ".." "AA...." ".."},
    {"secretary",     "A.." "..." "..." "." "..." ".." "A.A..." ".."},
    {"juror",         "..." "..." "..." "." "..." ".." "A..A.." ".."},
    {"chair",         "A.." "..." "..." "." "..." ".." "A...A." ".."},
    {"awards",        "..." "..." "..." "." "..." ".." "......" ".."},
    {"auditor",       "A.." "..." "..." "." "..." ".." "A....A" ".."},
    {"admin",        "AAA" "AA." "AAA" "A" "AAA" ".A" "......" "AA"},
    {"stranger",     "..." "..." "..." "." "..." ".." "......" ".."},
    {"",             "..." "..." "..." "." "..." ".." "......" ".."},
    // clang-format on
};

Principal person(std::vector<std::string> roles, std::string department = "water",
                 std::vector<std::string> areas = {}) {
  return {PrincipalKind::user, "user:a", {"甲", "A"}, std::move(roles), std::move(department), std::move(areas)};
}

TEST(Policy, NamesItsPermissionsInOrder) {
  ASSERT_EQ(std::size(kColumns), kPermissions);
  for (std::size_t i = 0; i < kPermissions; ++i) EXPECT_EQ(to_string(Permission(i)), kColumns[i]);
}

TEST(Policy, TheExpectedTableNamesEveryRoleThatExists) {
  EXPECT_EQ(std::size(grants::kTable), std::size(kExpected) - 2);
  for (const Row& row : kExpected) {
    ASSERT_EQ(row.may.size(), kPermissions) << row.role;
    EXPECT_EQ(grants_of(row.role) != nullptr, row.role != "stranger" && !row.role.empty()) << row.role;
  }
}

// Every role × permission × department of the thing × area of the thing × department and areas of the person.
TEST(Policy, EveryRoleMayExactlyWhatTheTableSaysAndNothingElse) {
  const std::string_view departments[] = {"", "water", "traffic"}, areas[] = {"", "north", "south"};
  const std::vector<std::string> own_areas[] = {{}, {"north"}, {"east", "north"}};
  const Policy policy;
  int granted = 0, denied = 0;
  for (const Row& row : kExpected) {
    for (std::size_t p = 0; p < kPermissions; ++p) {
      for (const std::string_view mine : departments) {
        for (const auto& cut : own_areas) {
          const Principal who = person({std::string(row.role)}, std::string(mine), cut);
          for (const std::string_view department : departments) {
            for (const std::string_view area : areas) {
              const bool area_fits = cut.empty() || area != "south";
              const bool own = !mine.empty() && mine == department;
              const bool expected = area_fits && (row.may[p] == 'A' || (row.may[p] == 'O' && own));
              const Scope scope{department, area};
              const auto status = policy.check(who, Permission(p), scope);
              const std::string what =
                  fmt::format("{} {} of '{}' on '{}' in '{}'", row.role, kColumns[p], mine, department, area);
              ASSERT_EQ(status.has_value(), expected) << what;
              ASSERT_EQ(policy.allows(who, Permission(p), scope), expected) << what;
              if (!expected) {
                ASSERT_EQ(status.error().code, Errc::refused) << what;
                ASSERT_THAT(status.error().message, testing::HasSubstr("user:a")) << what;
              }
              ++(expected ? granted : denied);
            }
          }
        }
      }
    }
  }
  std::uint64_t counted = 0;
  for (const auto& [key, count] : policy.refusals()) counted += count;
  EXPECT_EQ(counted, std::uint64_t(denied));
  EXPECT_EQ(granted + denied, int(std::size(kExpected) * kPermissions * 3 * 3 * 3 * 3));
}

TEST(Policy, TheAnonymousAreAskedToSignInForEverything) {
  const Policy policy;
  Principal nobody = person({"admin"});
  nobody.kind = PrincipalKind::anonymous;  // roles on a principal that nobody proved count for nothing
  for (const Principal& who : {Principal{}, nobody}) {
    for (std::size_t p = 0; p < kPermissions; ++p) {
      const auto status = policy.check(who, Permission(p));
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().code, Errc::unauthenticated);
    }
    EXPECT_TRUE(policy.granted(who).empty());
  }
  EXPECT_EQ(policy.refusals().at("read_city anonymous"), 2u);
}

TEST(Policy, ADeviceWritesEntitiesAndNothingElseWhateverItsRoles) {
  const Policy policy;
  for (std::vector<std::string> roles : {std::vector<std::string>{}, {"admin"}, {"worker", "operator"}}) {
    Principal device = person(std::move(roles));
    device.kind = PrincipalKind::device;
    device.areas = {"north"};
    for (std::size_t p = 0; p < kPermissions; ++p) {
      EXPECT_EQ(policy.allows(device, Permission(p), {"water", "north"}), Permission(p) == Permission::write_entities);
    }
    EXPECT_FALSE(policy.allows(device, Permission::write_entities, {"", "south"}));
  }
}

TEST(Policy, AProgramHasTheRolesOfItsAccount) {
  const Policy policy;
  Principal program = person({"integrator"}, "");
  program.kind = PrincipalKind::program;
  EXPECT_TRUE(policy.check(program, Permission::write_entities));
  EXPECT_FALSE(policy.check(program, Permission::read_cases));
}

TEST(Policy, RolesAddUpAndAreasCutAcrossAllOfThem) {
  const Policy policy;
  const Principal both = person({"worker", "planner"}, "water", {"north"});
  EXPECT_TRUE(policy.allows(both, Permission::work_case, {"water", "north"}));
  EXPECT_TRUE(policy.allows(both, Permission::test_rules));
  EXPECT_FALSE(policy.allows(both, Permission::test_rules, {"", "south"}));
  EXPECT_FALSE(policy.allows(both, Permission::work_case, {"traffic", "north"}));
  const Principal wide = person({"dispatcher", "operator"});
  EXPECT_TRUE(policy.allows(wide, Permission::handle_case, {"traffic", ""})) << "the wider of two grants holds";
}

TEST(Policy, ARefusalSaysWhy) {
  const Policy policy;
  const auto why = [&](const Principal& who, Permission permission, Scope scope) {
    return policy.check(who, permission, scope).error().message;
  };
  EXPECT_EQ(why(person({"viewer"}), Permission::approve_command, {}),
            "user:a may not approve_command: none of its roles grants it (viewer)");
  EXPECT_EQ(why(person({}), Permission::read_city, {}),
            "user:a may not read_city: none of its roles grants it (it has no role)");
  EXPECT_EQ(why(person({"worker"}), Permission::work_case, {"traffic", ""}),
            "user:a may work_case in the department 'water' only, not in 'traffic'");
  EXPECT_EQ(why(person({"worker"}), Permission::work_case, {}),
            "user:a may work_case in the department 'water' only, not where none is named");
  EXPECT_EQ(why(person({"worker"}, ""), Permission::work_case, {"water", ""}),
            "user:a may work_case in its own department only, and belongs to none");
  EXPECT_EQ(why(person({"admin"}, "", {"north", "east"}), Permission::read_city, {"", "south"}),
            "user:a may not act in the area 'south', only in: north, east");
}

TEST(Policy, RefusalsAreCountedByActionAndRoleAndAskingWhatToShowIsNot) {
  const Policy policy;
  const Principal viewer = person({"viewer"});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(policy.check(viewer, Permission::approve_command));
  EXPECT_FALSE(policy.check(person({"invented by a client", "planner", "viewer"}), Permission::read_cases));
  EXPECT_FALSE(policy.check(person({"invented by a client"}), Permission::read_cases));
  Principal other = person({"viewer"});
  for (const PrincipalKind kind : {PrincipalKind::program, PrincipalKind::device, PrincipalKind::anonymous}) {
    other.kind = kind;
    EXPECT_FALSE(policy.check(other, Permission::read_rules));
  }
  EXPECT_FALSE(policy.allows(viewer, Permission::read_cases));
  EXPECT_TRUE(policy.check(viewer, Permission::read_city));
  EXPECT_THAT(policy.refusals(), testing::UnorderedElementsAre(
                                     testing::Pair("approve_command viewer", 3), testing::Pair("read_cases planner", 1),
                                     testing::Pair("read_cases user", 1), testing::Pair("read_rules viewer", 1),
                                     testing::Pair("read_rules device", 1), testing::Pair("read_rules anonymous", 1)));
}

TEST(Policy, GrantedListsWhatSomeScopeAllows) {
  const Policy policy;
  EXPECT_THAT(policy.granted(person({"worker"})),
              testing::ElementsAre(Permission::read_city, Permission::read_cases, Permission::work_case,
                                   Permission::read_commands));
  EXPECT_THAT(policy.granted(person({"worker"}, "")), testing::ElementsAre(Permission::read_city))
      << "no scope can be the own department of one who has none";
  EXPECT_EQ(policy.granted(person({"admin"})).size(), kPermissions - 8) << "neither work, inspections nor awards";
}

TEST(Policy, CountsFromManyThreads) {
  const Policy policy;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&policy] {
      for (int i = 0; i < 1000; ++i) EXPECT_FALSE(policy.check(person({"viewer"}), Permission::read_cases));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(policy.refusals().at("read_cases viewer"), 4000u);
}

}  // namespace
}  // namespace cityloop::trust
