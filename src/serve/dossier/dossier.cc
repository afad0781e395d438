#include "serve/dossier/dossier.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "casework/case_archive.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "learn/suggestion.h"
#include "twin/query/query.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;
using flow::Case;
using flow::EntityId;
using flow::Name;

using Mask = std::function<std::string(std::string_view)>;

constexpr double kAround_m = 900;
constexpr std::size_t kStreetsMax = 400;
constexpr std::size_t kTrendPoints = 240;

// Ids, times, words of the house: one word of the alphabet, in which nobody is reached.
bool is_word_of_the_house(std::string_view text) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':' || c == '.' || c == '%' || c == '/' ||
           c == '-';
  };
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return std::ranges::all_of(text, fits) && std::ranges::any_of(text, letter);
}

void mask_in(JsonValue& value, const Mask& mask) {
  if (auto* const text = std::get_if<std::string>(&value.is)) {
    if (!is_word_of_the_house(*text)) *text = mask(*text);
  } else if (auto* const list = std::get_if<JsonValue::Array>(&value.is)) {
    for (JsonValue& one : *list) mask_in(one, mask);
  } else if (auto* const object = std::get_if<JsonValue::Object>(&value.is)) {
    static const std::set<std::string_view> kNumbers = {"code", "number",   "request", "task",
                                                        "item", "category", "cases"};
    for (auto& [key, one] : *object) {
      if (!kNumbers.contains(key)) mask_in(one, mask);
    }
  }
}

void mask_text(flow::Bilingual& text, const Mask& mask) {
  text.zh = mask(text.zh);
  text.en = mask(text.en);
}

Case masked(Case one, const Mask& mask) {
  mask_text(one.title, mask);
  one.description = mask(one.description);
  for (flow::CaseStep& step : one.timeline) {
    step.note = mask(step.note);
    if (!step.given.empty()) step.given = masked_json(step.given, mask);
  }
  for (flow::CaseRequest& request : one.requests) {
    request.note = mask(request.note);
    if (!request.given.empty()) request.given = masked_json(request.given, mask);
  }
  for (flow::CaseTask& task : one.tasks) task.note = mask(task.note), mask_text(task.name, mask);
  return one;
}

// The first reading that the finding names as its reason, as it went around that time.
std::optional<Trend> trend_of(const DossierSources& on, const flow::Finding& finding, base::Instant now) {
  const auto why = JsonValue::parse(finding.why);
  const JsonValue* const values = why ? why->find("values") : nullptr;
  if (!values || !values->array()) return std::nullopt;
  for (const JsonValue& value : *values->array()) {
    const JsonValue* const number = value.find("value");
    if (!number || !number->number()) continue;
    Trend out;
    out.entity = EntityId::lookup(value.text_or("entity", finding.about.text()));
    out.attribute = value.text_or("attribute", "");
    out.unit = value.text_or("unitCode", "");
    if (const JsonValue* const limit = why->find("limit"); limit && limit->number()) out.limit = *limit->number();
    const base::Instant end = finding.cleared_at == flow::kNever ? now : finding.cleared_at;
    const auto lead =
        std::clamp<base::Duration>((end - finding.opened_at) / 2, std::chrono::minutes(5), std::chrono::hours(6));
    const auto samples = on.history.samples(
        {out.entity, Name::lookup(out.attribute), finding.opened_at - lead, std::min(now, end + lead), kTrendPoints});
    if (!samples || samples->size() < 3) return std::nullopt;
    out.samples = *samples;
    return out;
  }
  return std::nullopt;
}

// What went to the archive with its case is no entity any more: then it is made again from what the log tells of it.
flow::EntityPtr find_entity(const DossierSources& on, const CaseRecords& log, EntityId id) {
  if (flow::EntityPtr there = on.twin.get(id)) return there;
  auto made = std::make_shared<flow::Entity>();
  made->id = id;
  for (const TrailRecord& record : log.records) {
    for (const flow::Change& change : record.is.changes) {
      if (change.entity != id || change.kind == flow::ChangeKind::erased) continue;
      made->types = change.types;
      for (const flow::AttributeChange& one : change.attributes) {
        std::erase_if(made->attributes, [&](const flow::Attribute& old) { return old.name == one.now.name; });
        if (!one.removed) made->attributes.push_back(one.now);
      }
    }
  }
  return made->types.empty() ? nullptr : made;
}

void add_findings(const DossierSources& on, const DossierWish& wish, Dossier& out) {
  out.findings_total = wish.findings.size();
  for (const EntityId id : wish.findings) {
    if (out.findings.size() == kFindingsShown) break;
    const flow::EntityPtr entity = find_entity(on, out.log, id);
    auto finding = entity ? flow::finding_from(*entity) : Result<flow::Finding>(fail(Errc::not_found, "gone"));
    if (!finding) continue;
    auto trend = trend_of(on, *finding, wish.now);
    out.findings.push_back({std::move(*finding), std::move(trend)});
  }
}

void add_commands(const DossierSources& on, Dossier& out) {
  for (const EntityId id : out.one.is.commands) {
    const flow::EntityPtr entity = find_entity(on, out.log, id);
    auto command = entity ? flow::command_from(*entity) : Result<flow::Command>(fail(Errc::not_found, "gone"));
    if (command) out.commands.push_back(std::move(*command));
  }
}

// Those of a case in hand stand in the twin under their numbers; of an archived one the log tells of them.
void add_notices(const DossierSources& on, Dossier& out) {
  const auto add = [&](std::string_view to, base::Instant at, flow::Bilingual text) {
    mask_text(text, on.mask);
    out.notices.push_back({at, std::string(to), std::move(text)});
  };
  for (const TrailRecord& record : out.log.records) {
    for (const flow::Change& change : record.is.changes) {
      if (!change.is_a(flow::kNoticeType) || change.kind != flow::ChangeKind::created) continue;
      flow::Entity entity;
      entity.id = change.entity;
      for (const flow::AttributeChange& attribute : change.attributes) entity.attributes.push_back(attribute.now);
      add(entity.text(Name("to")), flow::time_field(entity, "at"), flow::language_field(entity, "text"));
    }
  }
}

void add_photos(const DossierSources& on, bool in_full, Dossier& out) {
  const Case& one = out.one.is;
  std::set<std::string> seen;
  std::size_t bytes = 0;
  const auto add = [&](const std::string& id, base::Instant at, const std::string& by, const std::string& verb) {
    if (id.empty() || !seen.insert(id).second) return;
    DossierPhoto photo{id, at, by, verb, {}, {}};
    if (out.photos.size() < kPhotosMax && bytes < kPhotoBytesMax) {
      photo.print = on.photo(id, out.photos.size() >= kPhotosFine).value_or(std::string{});
      if (in_full) photo.jpeg = on.photo(id, false).value_or(std::string{});
      bytes += photo.print.size() + photo.jpeg.size();
    } else {
      ++out.photos_left_out;
    }
    out.photos.push_back(std::move(photo));
  };
  for (const std::string& id : one.media) add(id, one.opened_at, one.opened_by, "");
  for (const flow::CaseStep& step : one.timeline) {
    const auto given = step.given.empty() ? JsonValue{} : JsonValue::parse(step.given).value_or(JsonValue{});
    const JsonValue* const photos = given.find("photos");
    if (!photos || !photos->array()) continue;
    for (const JsonValue& photo : *photos->array()) {
      if (photo.text()) add(*photo.text(), step.at, step.by, step.verb);
    }
  }
}

void add_suggestion(const DossierSources& on, Dossier& out) {
  const flow::EntityPtr entity = on.twin.get(EntityId::lookup(learn::suggestion_id(out.one.is.id).text()));
  if (!entity) return;
  const auto guess = [&](const char* what) -> std::optional<Guess> {
    const std::string_view label = entity->text(Name(what));
    if (label.empty()) return std::nullopt;
    return Guess{std::string(label), entity->number(Name(fmt::format("{}Confidence", what))).value_or(0)};
  };
  out.guessed_department = guess("department");
  out.guessed_category = guess("category");
}

// What stands and runs around the place, as far as the city's entities have a shape there.
void add_surroundings(const DossierSources& on, Dossier& out) {
  const auto shape = out.one.is.location.empty() ? Result<geo::Shape>(fail(Errc::not_found, "none"))
                                                 : geo::Shape::from_geojson(out.one.is.location);
  if (!shape) return;
  out.place = shape->anchor();
  twin::EntityFilter filter;
  filter.public_only = true;
  filter.limit = kStreetsMax;
  filter.geo = twin::GeoFilter{twin::GeoRelation::near, geo::Shape::point(*out.place), kAround_m, std::nullopt, {}};
  const auto page = on.twin.query(filter);
  if (!page) return;
  const Name location("location");
  for (const flow::EntityPtr& entity : page->entities) {
    const flow::Attribute* const where = entity->find(location);
    const auto* const json = where ? std::get_if<flow::Json>(&where->value) : nullptr;
    auto found = json ? geo::Shape::from_geojson(json->text) : Result<geo::Shape>(fail(Errc::not_found, "none"));
    if (found) out.streets.push_back({std::string(entity->id.text()), std::move(*found)});
  }
}

void add_named(const CaseFinder& find, Dossier& out) {
  const Case& one = out.one.is;
  const auto add = [&](EntityId id) {
    if (id.empty() || out.named.size() >= 50) return;
    if (auto known = find(id)) out.named.push_back(std::move(*known));
  };
  add(one.merged_into);
  for (const EntityId id : one.merged) add(id);
  for (const flow::SimilarCase& similar : one.similar) add(similar.id);
}

}  // namespace

std::string masked_json(std::string_view json, const Mask& mask) {
  auto value = JsonValue::parse(json);
  if (!value) return mask(json);
  mask_in(*value, mask);
  return value->dump();
}

Result<Dossier> gather(const DossierSources& on, DossierWish wish) {
  const bool archived = on.twin.get(wish.is.id) == nullptr;
  TrailWish trail;
  trail.case_id = wish.is.id.text();
  for (const EntityId id : wish.findings) trail.also.emplace_back(id.text());
  for (const EntityId id : wish.is.commands) trail.also.emplace_back(id.text());
  if (wish.is.about.text().starts_with("urn:ngsi-ld:Alert:")) trail.also.emplace_back(wish.is.about.text());
  trail.stopping = wish.stopping;
  Dossier out;
  out.one = TRY(RuledCase::make(masked(std::move(wish.is), on.mask), on.shelf, wish.now));
  out.archived = archived;
  out.made_at = wish.now;
  out.made_by = wish.by;
  out.log = TRY(records_of(on.twin, on.trail_done(), trail));
  add_findings(on, wish, out);
  add_commands(on, out);
  add_notices(on, out);
  add_photos(on, wish.evidence, out);
  add_suggestion(on, out);
  add_surroundings(on, out);
  add_named(wish.find, out);
  for (Case& one : out.named) one = masked(std::move(one), on.mask);
  out.rules = on.twin.get(EntityId::lookup(casework::CaseRules::entity_id(out.one.is.rules).text()));
  return out;
}

}  // namespace cityloop::serve
