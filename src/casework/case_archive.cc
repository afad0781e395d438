#include "casework/case_archive.h"

#include "casework/case_book.h"
#include "flow/own_types.h"
#include "store/record.h"

namespace cityloop::casework {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using store::Table;

// Rows 'c' NUMBER hold the cases, rows 'i' ID say their numbers.
constexpr char kCase = 'c', kId = 'i';

std::string number_key(std::uint64_t number) {
  std::string key(9, kCase);
  for (std::size_t i = 8; i > 0; --i, number >>= 8) key[i] = char(number & 0xff);
  return key;
}

std::uint64_t number_of(std::string_view key) {
  std::uint64_t number = 0;
  for (const char byte : key.substr(1)) number = number << 8 | std::uint8_t(byte);
  return number;
}

}  // namespace

void add_to_archive(std::uint64_t number, const flow::Case& one, std::vector<twin::TablePut>& puts) {
  add_to_archive(number, one.id, case_image(to_write(one)), puts);
}

void add_to_archive(std::uint64_t number, flow::EntityId id, std::string entity, std::vector<twin::TablePut>& puts) {
  base::ByteWriter place;
  place.varint(number);
  puts.push_back({Table::archive, number_key(number), std::move(entity)});
  puts.push_back({Table::archive, kId + std::string(id.text()), place.take()});
}

Result<std::optional<flow::Case>> CaseArchive::find(std::string_view case_id) const {
  const auto place = TRY(store_.get(Table::archive, kId + std::string(case_id)));
  if (!place) return std::nullopt;
  base::ByteReader in(*place);
  return TRY(at(in.varint()));
}

Result<flow::Entity> CaseArchive::entity_at(std::uint64_t number) const {
  const auto row = TRY(store_.get(Table::archive, number_key(number)));
  if (!row) return fail(Errc::not_found, "the archive has no case {}", number);
  return store::decode_entity(*row);
}

Result<flow::Case> CaseArchive::at(std::uint64_t number) const {
  return flow::case_from(TRY(entity_at(number)));
}

Result<flow::Case> CaseArchive::head_at(std::uint64_t number) const {
  return flow::case_head_from(TRY(entity_at(number)));
}

Status CaseArchive::each(std::uint64_t from,
                         const std::function<bool(std::uint64_t, const flow::Entity&)>& give) const {
  Status read;
  TRY(store_.scan(Table::archive, number_key(from), std::string(1, kCase + 1),
                  [&](std::string_view key, std::string_view row) {
                    const auto entity = store::decode_entity(row);
                    if (!entity) read = std::unexpected(entity.error());
                    return entity && give(number_of(key), *entity);
                  }));
  return read;
}

Result<std::uint64_t> CaseArchive::size() const {
  std::uint64_t size = 0;
  TRY(store_.scan_back(Table::archive, number_key(0), std::string(1, kCase + 1),
                       [&](std::string_view key, std::string_view) {
                         size = number_of(key) + 1;
                         return false;
                       }));
  return size;
}

Result<flow::Case> find_case(const twin::Twin& twin, std::string_view id) {
  const flow::EntityPtr entity = twin.get(flow::EntityId::lookup(id));
  if (entity && entity->is_a(flow::kCaseType)) return flow::case_from(*entity);
  auto archived = TRY(CaseArchive(twin.store()).find(id));
  if (!archived) return fail(Errc::not_found, "there is no case '{}'", id);
  return std::move(*archived);
}

Result<flow::Case> find_case_head(const twin::Twin& twin, std::string_view id) {
  const flow::EntityPtr entity = twin.get(flow::EntityId::lookup(id));
  if (entity && entity->is_a(flow::kCaseType)) return flow::case_head_from(*entity);
  return find_case(twin, id);
}

}  // namespace cityloop::casework
