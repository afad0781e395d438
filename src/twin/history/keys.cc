#include "twin/history/keys.h"

namespace cityloop::twin::history {
namespace {

// Big-endian with the sign turned, so that keys sort as times do.
void append(std::string& key, std::uint64_t v, int bytes = 8) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) key += char(v >> shift & 0xff);
}
std::uint64_t turned(flow::Instant t) {
  return std::uint64_t(base::to_us(t)) ^ (1ull << 63);
}
flow::Instant instant_at(std::string_view bytes) {
  std::uint64_t v = 0;
  for (const char c : bytes.substr(0, 8)) v = v << 8 | std::uint8_t(c);
  return base::from_us(std::int64_t(v ^ (1ull << 63)));
}

}  // namespace

std::string done_key() {
  return {'\0', 'd', 'o', 'n', 'e'};
}

std::string entity_prefix(std::string_view urn) {
  std::string key = "\1";
  key += urn;
  key += '\0';
  return key;
}

std::string head_key(std::string_view urn) {
  return entity_prefix(urn) + 'h';
}

std::string chunks_prefix(std::string_view urn) {
  return entity_prefix(urn) + 'c';
}

std::string chunk_key(std::string_view urn, flow::Seq seq, unsigned nth) {
  std::string key = chunks_prefix(urn);
  append(key, seq);
  append(key, nth, 2);
  return key;
}

std::string lane_prefix(std::string_view urn, flow::Name attribute, flow::Name dataset, Lane lane) {
  std::string key = entity_prefix(urn);
  key += 'r';
  key += attribute.text();
  key += '\0';
  key += dataset.text();
  key += '\0';
  key += char(lane);
  return key;
}

std::string run_key(std::string lane_prefix, flow::Instant at, flow::Instant modified) {
  append(lane_prefix, turned(at));
  append(lane_prefix, turned(modified));
  return lane_prefix;
}

std::string end_of(std::string prefix) {
  prefix.back() = char(prefix.back() + 1);
  return prefix;
}

std::string type_prefix(flow::Name type) {
  std::string key = "\2";
  key += type.text();
  key += '\0';
  return key;
}

std::string type_key(flow::Name type, std::string_view urn) {
  std::string key = type_prefix(type);
  key += urn;
  return key;
}

RunEnd end_of_run(std::string_view key) {
  return {instant_at(key.substr(key.size() - 16)), instant_at(key.substr(key.size() - 8))};
}

}  // namespace cityloop::twin::history
