#include "notify/posted.h"

#include "base/json_value.h"
#include "flow/own_types.h"

namespace cityloop::notify {
namespace {

using flow::Name;

// One id for all: none of them outlives its record.
const flow::EntityId kCarrier("urn:cityloop:posted");
const Name kSubscription("subscription"), kAbout("about"), kData("data");

flow::Json list_of(const auto& texts) {
  base::JsonWriter out;
  out.array();
  for (const auto& text : texts) out.text(std::string_view(text));
  return {out.end().take()};
}

base::Result<std::vector<std::string>> list_from(const flow::Value& value) {
  const auto* json = std::get_if<flow::Json>(&value);
  const base::JsonValue list = TRY(base::JsonValue::parse(json ? std::string_view(json->text) : ""));
  std::vector<std::string> out;
  if (!list.array()) return base::fail(base::Errc::corrupt, "a posted notification has no list");
  for (const base::JsonValue& item : *list.array()) out.push_back(item.text() ? *item.text() : item.dump());
  return out;
}

}  // namespace

std::vector<flow::Write> to_writes(const Posted& posted) {
  flow::Write made, gone;
  made.entity = gone.entity = kCarrier;
  made.mode = flow::WriteMode::create;
  gone.mode = flow::WriteMode::erase;
  made.types = {flow::kPostedType};
  std::vector<std::string> about;
  for (const flow::EntityId id : posted.about) about.emplace_back(id.text());
  made.attributes.push_back(flow::property(kSubscription, posted.subscription));
  made.attributes.push_back(flow::property(kAbout, list_of(about)));
  made.attributes.push_back(flow::property(kData, list_of(posted.data)));
  return {made, gone};
}

bool is_posted(const flow::Change& change) {
  return change.entity == kCarrier && change.kind == flow::ChangeKind::created;
}

base::Result<Posted> posted_from(const flow::Change& change) {
  Posted out;
  for (const flow::AttributeChange& told : change.attributes) {
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    if (told.now.name == kSubscription && text) out.subscription = std::string(*text);
    if (told.now.name == kData) out.data = TRY(list_from(told.now.value));
    if (told.now.name != kAbout) continue;
    for (const std::string& id : TRY(list_from(told.now.value))) out.about.emplace_back(id);
  }
  if (out.subscription.empty()) return base::fail(base::Errc::corrupt, "a posted notification has no subscription");
  return out;
}

}  // namespace cityloop::notify
