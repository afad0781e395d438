#include "civic/publication.h"

#include "base/json_value.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::civic {
namespace {

constexpr std::string_view kPrefix = "urn:cityloop:Publication:";

std::string list_json(const std::vector<std::string>& texts) {
  base::JsonWriter out;
  out.array();
  for (const std::string& text : texts) out.text(text);
  return out.end().take();
}

}  // namespace

flow::EntityId publication_of(flow::EntityId about) {
  return flow::EntityId(fmt::format("{}{}", kPrefix, about.text()));
}

flow::EntityId find_publication_of(flow::EntityId about) {
  return flow::EntityId::lookup(fmt::format("{}{}", kPrefix, about.text()));
}

flow::Write to_write(const Publication& one) {
  flow::NounWriter out(publication_of(one.about), flow::kPublicationType.text(), flow::WriteMode::replace);
  out.link("about", one.about).flag("shown", one.shown).text("text", one.text);
  if (!one.photos.empty()) out.json("photos", list_json(one.photos));
  out.text("by", one.by).time("at", one.at).text("reason", one.reason);
  return out.take();
}

base::Result<Publication> publication_from(const flow::Entity& entity) {
  TRY(flow::require_type(entity, flow::kPublicationType.text()));
  Publication out;
  out.about = flow::link_field(entity, "about");
  out.shown = entity.flag(flow::Name("shown"));
  out.text = flow::text_field(entity, "text");
  out.by = flow::text_field(entity, "by");
  out.at = flow::time_field(entity, "at");
  out.reason = flow::text_field(entity, "reason");
  const std::string photos = flow::json_field(entity, "photos");
  if (!photos.empty()) {
    const auto list = TRY(base::JsonValue::parse(photos));
    if (list.array()) {
      for (const auto& id : *list.array()) {
        if (id.text()) out.photos.push_back(*id.text());
      }
    }
  }
  return out;
}

}  // namespace cityloop::civic
