#include "app/tenants.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/log.h"
#include "broker/snapshots.h"
#include "twin/expiry.h"

namespace cityloop::app {

using base::Errc;
using base::fail;
using broker::Tenant;

namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kTenantsMax = 1000;
constexpr const char* kForgotten = "forgotten";  // a file in the folder of a tenant that goes at the next start

// A name is also the name of a folder.
base::Status check_name(std::string_view name) {
  // That of a snapshot has its owner's in it.
  const std::size_t name_max = name.starts_with(broker::kSnapshotStores) ? 2 * kNameMax : kNameMax;
  const bool good = !name.empty() && name.size() <= name_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (good) return {};
  return fail(Errc::invalid, "a tenant's name has 1 to {} letters, digits, '_' or '-'", kNameMax);
}

}  // namespace

base::Result<std::unique_ptr<TenantHouse>> TenantHouse::make(std::string name, const std::string& folder,
                                                             const TenantOptions& how,
                                                             std::function<void(const twin::LoadProgress&)> loading) {
  std::unique_ptr<TenantHouse> house(new TenantHouse);
  store::StoreOptions disk;
  disk.faults = how.faults;
  house->store_ = TRY(store::Store::open(folder, disk));
  house->clock_ = std::make_unique<base::WallClock>();
  twin::TwinOptions options;
  options.durability = how.durability;
  options.keep_log = how.keep_log;
  options.progress = std::move(loading);
  house->twin_ = TRY(twin::Twin::open(*house->store_, *house->clock_, options));
  twin::Twin& twin = *house->twin_;
  auto history = std::make_unique<twin::History>(*house->store_, twin::HistoryOptions{.keep = how.keep_history});
  notify::DelivererOptions delivery;
  delivery.tenant = name;
  auto notify = std::make_unique<notify::NotifyLoop>(twin, *house->clock_, std::move(delivery));
  house->tenant_ = std::make_unique<Tenant>(std::move(name), twin, *notify, *history);
  house->loops_.push_back(std::move(history));
  house->loops_.push_back(std::move(notify));
  house->loops_.push_back(std::make_unique<twin::Expiry>());
  for (const auto& loop : house->loops_) {
    house->runners_.push_back(std::make_unique<twin::LoopRunner>(twin, *loop));
    TRY(house->runners_.back()->start());
  }
  return house;
}

TenantHouse::~TenantHouse() {
  for (auto runner = runners_.rbegin(); runner != runners_.rend(); ++runner) (*runner)->stop();
  runners_.clear();
}

base::Result<std::unique_ptr<HouseTenants>> HouseTenants::open(Tenant city, const std::string& data_folder,
                                                               TenantOptions options) {
  std::unique_ptr<HouseTenants> out(new HouseTenants(std::move(city), data_folder + "/tenants", std::move(options)));
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(out->folder_, none)) {
    if (std::filesystem::exists(entry.path() / kForgotten, none)) {
      std::filesystem::remove_all(entry.path(), none);
      continue;
    }
    TRY(out->open_one(entry.path().filename().string()));
  }
  return out;
}

base::Result<Tenant*> HouseTenants::open_one(const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  // A snapshot's tenant speaks with its owner's name.
  auto house =
      TRY(TenantHouse::make(std::string(broker::owner_in(name)), fmt::format("{}/{}", folder_, name), options_));
  if (on_new_) on_new_(house->tenant());
  base::log_info("tenant '{}' is open", name);
  return &houses_.emplace(name, std::move(house)).first->second->tenant();
}

Tenant* HouseTenants::find(std::string_view name) {
  if (name.empty()) return &city_;
  const std::lock_guard lock(mutex_);
  const auto found = houses_.find(name);
  return found == houses_.end() ? nullptr : &found->second->tenant();
}

base::Result<Tenant*> HouseTenants::find_or_create(std::string_view name) {
  if (Tenant* known = find(name)) return known;
  TRY(check_name(name));
  const std::lock_guard lock(mutex_);
  if (const auto found = houses_.find(name); found != houses_.end()) return &found->second->tenant();
  if (houses_.size() >= kTenantsMax) return fail(Errc::full, "there are {} tenants already", kTenantsMax);
  return open_one(std::string(name));
}

void HouseTenants::forget(std::string_view name) {
  if (!find(name) || name.empty()) return;
  (void)base::write_file_atomic(fmt::format("{}/{}/{}", folder_, name, kForgotten), "");
}

void HouseTenants::each(const std::function<void(Tenant&)>& callback) {
  callback(city_);
  const std::lock_guard lock(mutex_);
  for (const auto& [name, house] : houses_) callback(house->tenant());
}

void HouseTenants::on_new(std::function<void(Tenant&)> callback) {
  const std::lock_guard lock(mutex_);
  on_new_ = std::move(callback);
}

}  // namespace cityloop::app
