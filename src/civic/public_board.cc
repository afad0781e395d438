#include "civic/public_board.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>

namespace cityloop::civic {
namespace {

constexpr double kMetresPerDegree = 111'320;

// On a plane that touches the earth at the first place: right within a metre over the few kilometres asked for.
double distance_m(double lon_a, double lat_a, double lon_b, double lat_b) {
  const double x = (lon_b - lon_a) * std::cos(lat_a * std::numbers::pi / 180), y = lat_b - lat_a;
  return kMetresPerDegree * std::sqrt(x * x + y * y);
}

}  // namespace

base::Result<Box> Box::parse(std::string_view text) {
  double edges[4]{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 4; ++i) {
    const auto [next, error] = std::from_chars(at, end, edges[i]);
    const bool last = i == 3;
    if (error != std::errc{} || !std::isfinite(edges[i]) || (last ? next != end : next == end || *next != ','))
      return base::fail(base::Errc::invalid, "'bbox' is west,south,east,north");
    at = next + 1;
  }
  if (edges[0] > edges[2] || edges[1] > edges[3])
    return base::fail(base::Errc::invalid, "'bbox' is west,south,east,north, the smaller first");
  return Box{edges[0], edges[1], edges[2], edges[3]};
}

bool PublicBoard::before(const Row& a, const Row& b) {
  return a.opened_at != b.opened_at ? a.opened_at < b.opened_at : a.is->id.text() < b.is->id.text();
}

void PublicBoard::take_out(EntityId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const PublicCasePtr is = found->second;
  const auto row = std::lower_bound(rows_.begin(), rows_.end(), Row{is->opened_at, 0, 0, false, is}, before);
  if (row != rows_.end() && row->is->id == id) rows_.erase(row);
  for (const std::string& photo : is->photos) {
    if (--photos_[photo] == 0) photos_.erase(photo);
  }
  by_code_.erase(is->code);
  by_id_.erase(found);
}

void PublicBoard::put(PublicCase one) {
  const auto is = std::make_shared<const PublicCase>(std::move(one));
  constexpr double kNowhere = std::numeric_limits<double>::quiet_NaN();
  Row row{is->opened_at, is->place ? is->place->lon_deg : kNowhere, is->place ? is->place->lat_deg : kNowhere, is->open,
          is};
  const std::unique_lock lock(mutex_);
  take_out(is->id);
  rows_.insert(std::upper_bound(rows_.begin(), rows_.end(), row, before), row);
  by_id_[is->id] = is;
  by_code_[is->code] = is->id;
  for (const std::string& photo : is->photos) ++photos_[photo];
  ++version_;
}

void PublicBoard::erase(EntityId id) {
  const std::unique_lock lock(mutex_);
  if (!by_id_.contains(id)) return;
  take_out(id);
  ++version_;
}

void PublicBoard::erase_closed_before(Instant before) {
  std::vector<EntityId> old;
  {
    const std::shared_lock lock(mutex_);
    for (const Row& row : rows_) {
      if (!row.open && row.is->closed_at < before) old.push_back(row.is->id);
    }
  }
  for (const EntityId id : old) erase(id);
}

PublicCasePtr PublicBoard::find(std::string_view code) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_code_.find(std::string(code));
  return found == by_code_.end() ? nullptr : by_id_.at(found->second);
}

bool PublicBoard::shows_photo(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  return photos_.contains(std::string(id));
}

bool PublicBoard::fits(const Row& row, const BoardQuestion& wanted) const {
  using State = BoardQuestion::State;
  if (wanted.state != State::all && row.open != (wanted.state == State::open)) return false;
  if (row.opened_at < wanted.since || row.opened_at > wanted.until) return false;
  if (wanted.box && !wanted.box->holds(row.lon_deg, row.lat_deg)) return false;
  return wanted.service.empty() || row.is->service == wanted.service;
}

std::vector<PublicCasePtr> PublicBoard::list(const BoardQuestion& wanted, std::size_t skip, std::size_t limit,
                                             std::size_t* total) const {
  const std::shared_lock lock(mutex_);
  std::vector<PublicCasePtr> out;
  std::size_t count = 0;
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
    if (!fits(*row, wanted)) continue;
    if (count >= skip && out.size() < limit) out.push_back(row->is);
    ++count;
    if (!total && out.size() == limit) break;
  }
  if (total) *total = count;
  return out;
}

std::vector<std::pair<PublicCasePtr, double>> PublicBoard::near(double lon_deg, double lat_deg, double within_m,
                                                                std::string_view service, std::size_t limit) const {
  std::vector<std::pair<PublicCasePtr, double>> out;
  {
    const std::shared_lock lock(mutex_);
    for (const Row& row : rows_) {
      if (!row.open || !(std::abs(row.lat_deg - lat_deg) * kMetresPerDegree <= within_m)) continue;
      const double distance = distance_m(lon_deg, lat_deg, row.lon_deg, row.lat_deg);
      if (distance <= within_m && (service.empty() || row.is->service == service)) out.emplace_back(row.is, distance);
    }
  }
  const auto nearer = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first->code < b.first->code;
  };
  const std::size_t most = std::min(limit, out.size());
  std::partial_sort(out.begin(), out.begin() + std::ptrdiff_t(most), out.end(), nearer);
  out.resize(most);
  return out;
}

std::size_t PublicBoard::size() const {
  const std::shared_lock lock(mutex_);
  return rows_.size();
}

}  // namespace cityloop::civic
