#include "serve/statistics_routes.h"

#include <algorithm>
#include <set>

#include "casework/case_archive.h"
#include "flow/own_types.h"
#include "serve/case_statistics.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using flow::Case;
using flow::Name;
using net::Reply;
using trust::Permission;

constexpr base::Duration kPeriodDefault = std::chrono::hours(24 * 7);
constexpr base::Duration kPeriodMax = std::chrono::hours(24 * 366);

Result<StatisticsWish> wish_of(const net::Request& request, base::Instant now) {
  const auto argument = [&](std::string_view name) { return std::string(request.argument(name).value_or("")); };
  StatisticsWish wish;
  const std::string from = argument("from"), to = argument("to");
  wish.to = to.empty() ? now : TRY(base::parse_time(to));
  wish.from = from.empty() ? wish.to - kPeriodDefault : TRY(base::parse_time(from));
  if (wish.from >= wish.to) return fail(Errc::invalid, "'from' must be before 'to'");
  if (wish.to - wish.from > kPeriodMax) return fail(Errc::invalid, "the period is longer than 366 days");
  if (const std::string by = argument("by"); !by.empty()) wish.by = by;
  if (!is_grouping(wish.by)) return fail(Errc::invalid, "'by' is department, area, category, kind or holder");
  wish.department = argument("department");
  wish.area = argument("area");
  wish.category = argument("category");
  wish.kind = argument("kind");
  return wish;
}

// Whether it can count at all, told from the entity before the whole case is read: it is what was asked about, and open
// or ended in the period.
bool may_count(const flow::Entity& entity, const StatisticsWish& wish) {
  static const Name kDepartment("department"), kArea("area"), kCategory("category"), kKind("kind"), kOutcome("outcome"),
      kClosed("closedAt");
  const std::pair<Name, const std::string*> asked[] = {
      {kDepartment, &wish.department}, {kArea, &wish.area}, {kCategory, &wish.category}, {kKind, &wish.kind}};
  for (const auto& [name, value] : asked) {
    if (!value->empty() && entity.text(name) != *value) return false;
  }
  if (entity.text(kOutcome) == to_string(flow::CaseOutcome::open)) return true;
  const base::Instant closed = entity.instant(kClosed);
  return closed == flow::kNever || closed >= wish.from;
}

// What has not been touched since the period began has no steps in it: its timeline need not be read.
Result<Case> read_for(const flow::Entity& entity, const StatisticsWish& wish) {
  const bool rests = entity.modified_at != flow::kNever && entity.modified_at < wish.from;
  return rests ? flow::case_head_from(entity) : flow::case_from(entity);
}

bool may_read(const StatisticsRoutes& on, const trust::Principal& principal, const Case& one) {
  return on.guard.policy().allows(principal, Permission::read_cases, {one.department, one.area});
}

// Cases come into the archive in the order of their ends, but for the days that different states keep them.
constexpr base::Duration kKeptSpread = std::chrono::hours(24 * 31);

// The first of the archive that may have ended in the period.
Result<std::uint64_t> first_archived(const casework::CaseArchive& archive, const StatisticsWish& wish) {
  std::uint64_t low = 0, high = TRY(archive.size());
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const Case one = TRY(archive.at(middle));
    if (one.closed_at < wish.from - kKeptSpread) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Every case that the reader may see and the wish can be about, each once: those in hand, then those of the archive.
// One in hand that cannot be read hides no other.
template <class See>
base::Status each_case(const StatisticsRoutes& on, const trust::Principal& principal, const StatisticsWish& wish,
                       See&& see) {
  std::vector<flow::EntityPtr> found;
  std::set<flow::EntityId> in_hand;  // one may go to the archive while this looks
  on.twin.each(flow::kCaseType, [&](const flow::EntityPtr& entity) {
    in_hand.insert(entity->id);
    if (may_count(*entity, wish)) found.push_back(entity);
    return !on.back_room.stopping();
  });
  for (const flow::EntityPtr& entity : found) {
    if (on.back_room.stopping()) return fail(Errc::unavailable, "the server is stopping");
    Result<Case> one = read_for(*entity, wish);
    if (one && may_read(on, principal, *one)) see(std::move(*one));
  }
  const casework::CaseArchive archive(on.twin.store());
  const std::uint64_t first = TRY(first_archived(archive, wish));
  return archive.each(first, [&](std::uint64_t, const flow::Entity& entity) {
    if (!may_count(entity, wish) || in_hand.contains(entity.id)) return !on.back_room.stopping();
    Result<Case> one = flow::case_from(entity);
    if (one && may_read(on, principal, *one)) see(std::move(*one));
    return !on.back_room.stopping();
  });
}

// Answers from the back room: whoever serves requests never waits for a count.
template <class Work>
void later(const StatisticsRoutes& on, Reply reply, Work work) {
  auto shared = std::make_shared<Reply>(std::move(reply));
  const bool taken = on.back_room.post([shared, work = std::move(work)]() mutable { (*shared)(work()); });
  if (!taken) (*shared)(net::problem(503, "busy", "too many counts are waiting; try again"));
}

void show(const StatisticsRoutes& on, const Call& call, Reply reply) {
  const auto wish = wish_of(call.request, on.twin.clock().now());
  if (!wish) return reply(net::problem(wish.error()));
  later(on, std::move(reply), [on, wish = *wish, principal = call.principal] {
    CaseStatistics statistics(wish);
    if (const auto read = each_case(on, principal, wish, [&](const Case& one) { statistics.add(one); }); !read)
      return net::problem(read.error());
    JsonWriter out;
    out.object().field("from", base::format_time(wish.from)).field("to", base::format_time(wish.to));
    out.field("by", wish.by);
    statistics.write(out);
    out.end();
    return json_response(out);
  });
}

void list(const StatisticsRoutes& on, const Call& call, Reply reply) {
  const auto wish = wish_of(call.request, on.twin.clock().now());
  if (!wish) return reply(net::problem(wish.error()));
  const auto page = PageWish::of(call.request);
  if (!page) return reply(net::problem(page.error()));
  const auto measure = case_measure_from(path_part(call, "measure"));
  if (!measure)
    return reply(net::problem(404, "not found", fmt::format("nothing is counted as '{}'", path_part(call, "measure"))));
  const auto key = call.request.argument("key");
  later(on, std::move(reply),
        [on, wish = *wish, page = *page, measure = *measure, principal = call.principal,
         key = key ? std::optional<std::string>(*key) : std::nullopt, language = language_of(call.request)] {
          std::vector<Case> found;
          const auto read = each_case(on, principal, wish, [&](Case one) {
            if (!wish.wants(one) || !counts(one, measure, wish) || (key && *key != wish.key_of(one))) return;
            one.timeline.clear();  // a summary does not show it
            found.push_back(std::move(one));
          });
          if (!read) return net::problem(read.error());
          std::stable_sort(found.begin(), found.end(), [](const Case& a, const Case& b) {
            return a.opened_at != b.opened_at ? a.opened_at > b.opened_at : a.id.text() < b.id.text();
          });
          JsonWriter out;
          out.object();
          const Names names{on.twin, language};
          write_page(out, "cases", found, page, [&](const Case& c) { write_summary(out, c, names); });
          out.field("total", found.size()).end();
          return json_response(out);
        });
}

}  // namespace

void StatisticsRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/case-statistics", bind(Permission::read_cases, show));
  router.add(Method::get, "/api/v1/case-statistics/{measure}/cases", bind(Permission::read_cases, list));
}

}  // namespace cityloop::serve
