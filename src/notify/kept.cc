#include "notify/kept.h"

#include "flow/own_types.h"

namespace cityloop::notify {
namespace {

using base::Errc;
using base::fail;
using flow::Name;

constexpr std::string_view kPrefix = "urn:cityloop:subscription:";
constexpr std::string_view kSourcesPrefix = "csourceSubscriptions/";

const Name kShown("context");
const Name kLink("contextLink");
const Name kAsked("contextOfQ");

base::Result<twin::ContextPtr> context_of(const std::string& json, twin::ContextStore* contexts) {
  if (json.empty()) return twin::Context::core();
  auto resolved = contexts ? contexts->resolved(json) : std::nullopt;
  if (!resolved) return fail(Errc::unavailable, "the @context {} is not at hand", json);
  return std::move(*resolved);
}

}  // namespace

flow::EntityId kept_as(std::string_view subscription_id) {
  return flow::EntityId(fmt::format("{}{}", kPrefix, subscription_id));
}

flow::EntityId kept_as_of_sources(std::string_view subscription_id) {
  return flow::EntityId(fmt::format("{}{}", kSourcesPrefix, subscription_id));
}

std::string id_of_kept(flow::EntityId id) {
  std::string_view text = id.text();
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  return std::string(text);
}

flow::Write to_write(const Kept& kept) {
  flow::Write write;
  write.entity = kept_as(kept.id);
  write.types = {flow::kSubscriptionType};
  write.mode = flow::WriteMode::replace;
  write.attributes = {flow::property(kDefinition, flow::Json{kept.definition.dump()}),
                      flow::property(kShown, kept.shown_json), flow::property(kLink, kept.shown_link),
                      flow::property(kAsked, kept.asked_json)};
  return write;
}

std::optional<Kept> kept_from(flow::EntityId id, const std::vector<flow::Attribute>& attributes) {
  Kept out;
  out.id = id_of_kept(id);
  bool found = false;
  for (const flow::Attribute& attribute : attributes) {
    const auto* text = std::get_if<flow::Text>(&attribute.value);
    if (attribute.name == kShown && text) out.shown_json = *text;
    if (attribute.name == kLink && text) out.shown_link = *text;
    if (attribute.name == kAsked && text) out.asked_json = *text;
    const auto* json = std::get_if<flow::Json>(&attribute.value);
    if (attribute.name != kDefinition || !json) continue;
    auto definition = base::JsonValue::parse(json->text);
    if (!definition) return std::nullopt;
    out.definition = std::move(*definition);
    found = true;
  }
  if (!found) return std::nullopt;
  return out;
}

base::Result<Subscription> read(const Kept& kept, twin::ContextStore* contexts) {
  Contexts mine;
  mine.shown = TRY(context_of(kept.shown_json, contexts));
  mine.asked = TRY(context_of(kept.asked_json, contexts));
  mine.shown_json = kept.shown_json;
  mine.shown_link = kept.shown_link;
  Subscription out = TRY(Subscription::read(kept.definition, std::move(mine)));
  out.id = kept.id;
  if (out.id.starts_with(kSourcesPrefix)) {
    out.id.erase(0, kSourcesPrefix.size());
    out.of_sources = true;
    out.time_interval.reset();  // whoever watches the sources minds it
  }
  return out;
}

void fetch(const Kept& kept, twin::ContextStore& contexts) {
  for (const std::string& json : {kept.shown_json, kept.asked_json}) {
    if (!json.empty()) (void)contexts.resolve(json);
  }
}

}  // namespace cityloop::notify
