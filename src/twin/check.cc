#include "twin/check.h"

#include "store/record.h"
#include "store/store.h"
#include "twin/load.h"

namespace cityloop::twin {

base::Status check_data(const std::string& store_folder, const std::function<void(std::string)>& damage) {
  store::Readers readers;
  readers.record = [](flow::Seq seq, std::string_view bytes) -> base::Status {
    TRY(store::decode_record(seq, bytes));
    return {};
  };
  readers.row = [](store::Table table, std::string_view key, std::string_view value) -> base::Status {
    if (table != store::Table::entity) return {};
    const auto entity = store::decode_entity(value);
    if (entity) return {};
    return base::fail(entity.error().code, "row {}: {}", age_from_key(key), entity.error().message);
  };
  return store::check(store_folder, damage, readers);
}

}  // namespace cityloop::twin
