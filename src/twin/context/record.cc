#include "twin/context/record.h"

#include "base/json_value.h"
#include "base/json_writer.h"

namespace cityloop::twin {

const std::string& key_of(const ContextEntry& entry) {
  return entry.local_id.empty() ? entry.url : entry.local_id;
}

std::string to_record(const ContextEntry& entry) {
  base::JsonWriter out;
  out.object().field("kind", int(entry.kind)).field("hits", entry.hits);
  out.field("created_at", base::to_us(entry.created_at)).field("last_usage", base::to_us(entry.last_usage));
  out.key("extra").array();
  for (const std::string& url : entry.extra) out.text(url);
  return out.end().field("body", entry.body).end().take();
}

base::Result<ContextEntry> from_record(std::string_view key, std::string_view record) {
  const auto read = base::JsonValue::parse(record);
  if (!read) return base::fail(base::Errc::corrupt, "the stored @context {}: {}", key, read.error().message);
  ContextEntry out;
  const double kind = read->number_or("kind", -1);
  out.body = read->text_or("body", "");
  if (kind < 0 || kind > int(ContextKind::implicitly_created) || out.body.empty()) {
    return base::fail(base::Errc::corrupt, "the stored @context {} is incomplete", key);
  }
  out.kind = ContextKind(int(kind));
  if (out.kind != ContextKind::cached) out.local_id = key;
  out.url = out.kind == ContextKind::cached ? std::string(key) : std::string(kContextsPath).append(key);
  out.hits = std::uint64_t(read->number_or("hits", 0));
  out.created_at = base::from_us(std::int64_t(read->number_or("created_at", 0)));
  out.last_usage = base::from_us(std::int64_t(read->number_or("last_usage", 0)));
  if (const base::JsonValue* extra = read->find("extra"); extra && extra->array()) {
    for (const base::JsonValue& url : *extra->array()) {
      if (url.text()) out.extra.push_back(*url.text());
    }
  }
  return out;
}

}  // namespace cityloop::twin
