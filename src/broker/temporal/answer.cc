#include "broker/temporal/answer.h"

#include <algorithm>
#include <tuple>

#include "twin/ngsi/names.h"

namespace cityloop::broker {
namespace {

using flow::Attribute;
using flow::AttributeKind;
using flow::Instant;
using flow::kNever;
using twin::TimeProperty;

Instant time_of(const twin::Point& point, TimeProperty property) {
  switch (property) {
    case TimeProperty::observed_at: return point.observed ? point.at : kNever;
    case TimeProperty::created_at: return point.created;
    case TimeProperty::modified_at: return point.modified;
    case TimeProperty::deleted_at: return kNever;
  }
  return kNever;
}

Instant time_of(const twin::Instance& instance, TimeProperty property) {
  switch (property) {
    case TimeProperty::observed_at: return instance.attribute.observed_at;
    case TimeProperty::created_at: return instance.attribute.created_at;
    case TimeProperty::modified_at: return instance.attribute.modified_at;
    case TimeProperty::deleted_at: return instance.deleted_at;
  }
  return kNever;
}

bool is_shown(const TemporalRequest& request, flow::Name attribute) {
  const twin::Rendering& how = request.form.rendering;
  if (!how.projection.empty() && !how.projection.shows(attribute)) return false;
  return how.attributes.empty() || std::ranges::find(how.attributes, attribute) != how.attributes.end();
}

// Whether an instance of it within the stretch makes the entity part of the answer: of those that are shown, or of all
// where only members like the id are.
bool is_concerned(const TemporalRequest& request, flow::Name attribute) {
  const auto& pick = request.form.rendering.projection.pick;
  const auto keyword = [](flow::Name name) {
    return name.text() == "id" || name.text() == "type" || name.text() == "scope";
  };
  return is_shown(request, attribute) || (!pick.empty() && std::ranges::all_of(pick, keyword));
}

// Attributes of which the filter must know the values.
std::vector<flow::Name> asked(const TemporalRequest& request) {
  std::vector<flow::Name> out;
  if (request.filter.q) out = request.filter.q->attributes();
  if (request.filter.geo) {
    static const flow::Name kLocation("location");
    out.push_back(request.filter.geo->property.empty() ? kLocation : request.filter.geo->property);
  }
  out.insert(out.end(), request.filter.attributes.begin(), request.filter.attributes.end());
  return out;
}

class InstanceSelector {
 public:
  InstanceSelector(const TemporalRequest& request, std::string_view urn) : request_(request), urn_(urn) {}

  SelectedSeries series(const twin::SeriesEvolution& from) {
    SelectedSeries out{from.attribute, from.dataset, AttributeKind::property, {}};
    const bool named = request_.as == TemporalForm::instances;
    const auto points = named ? ids<twin::Point>(from, from.points) : std::vector<std::string>{};
    for (std::size_t i = 0; i < from.points.size(); ++i) {
      const Instant at = time_of(from.points[i], request_.time.property);
      if (wanted(at, false)) out.items.push_back({at, &from.points[i], nullptr, named ? points[i] : std::string{}});
    }
    const auto instances = named ? ids<twin::Instance>(from, from.instances) : std::vector<std::string>{};
    for (std::size_t i = 0; i < from.instances.size(); ++i) {
      const twin::Instance& instance = from.instances[i];
      const Instant at = time_of(instance, request_.time.property);
      const bool deleted = instance.deleted_at != kNever;
      if (wanted(at, deleted)) out.items.push_back({at, nullptr, &instance, named ? instances[i] : std::string{}});
    }
    // A deletion that has not the time that is asked for still comes after what it ended.
    const auto moment = [](const SelectedItem& item) {
      return item.at == kNever && item.instance ? item.instance->deleted_at : item.at;
    };
    const auto earlier = [&](const SelectedItem& a, const SelectedItem& b) { return moment(a) < moment(b); };
    if (!std::ranges::is_sorted(out.items, earlier)) std::ranges::stable_sort(out.items, earlier);
    const std::size_t last = request_.time.last_n;
    if (last && out.items.size() > last) out.items.erase(out.items.begin(), out.items.end() - std::ptrdiff_t(last));
    if (!from.instances.empty()) out.kind = from.instances.back().attribute.kind;
    return out;
  }

 private:
  template <class T>
  std::vector<std::string> ids(const twin::SeriesEvolution& from, const std::vector<T>& items) {
    return twin::history::ids_of<T>(urn_, from.attribute, from.dataset, items);
  }

  bool wanted(Instant at, bool deleted) const {
    const twin::TemporalQuery& time = request_.time;
    if (at != kNever) return at >= time.from() && at < time.to();
    // Without that time: what never had an observedAt holds throughout; a deletion is no part of a stretch.
    return time.property == TimeProperty::observed_at &&
           !(deleted && (time.relation || request_.as != TemporalForm::instances));
  }

  const TemporalRequest& request_;
  std::string_view urn_;
};

}  // namespace

twin::EvolutionQuery reading_for(const TemporalRequest& request, std::size_t instances_max) {
  twin::EvolutionQuery out;
  if (request.time.property == TimeProperty::observed_at) {
    out.from = request.time.from();
    out.to = request.time.to();
    if (request.as != TemporalForm::aggregated) {
      if (request.time.last_n) out.newest = std::min(request.time.last_n, instances_max + 1);
      else out.oldest = instances_max + 1;
    }
  }
  out.wanted = [&request, asked = asked(request)](flow::Name attribute) {
    return is_concerned(request, attribute) || std::ranges::find(asked, attribute) != asked.end();
  };
  return out;
}

Selected select(std::string urn, twin::Evolution evolution, const TemporalRequest& request, std::size_t instances_max) {
  Selected out{std::move(urn), std::move(evolution), {}, false, false};
  InstanceSelector selector(request, out.urn);
  const auto& datasets = request.form.rendering.datasets;
  for (const twin::SeriesEvolution& series : out.evolution.series) {
    if (!datasets.empty() && std::ranges::find(datasets, series.dataset) == datasets.end()) continue;
    SelectedSeries mine = selector.series(series);
    if (mine.items.empty()) continue;
    if (is_concerned(request, series.attribute)) {
      out.in_stretch |= std::ranges::any_of(mine.items, [](const SelectedItem& i) { return i.at != kNever; });
      out.cut |= is_shown(request, series.attribute) && request.as != TemporalForm::aggregated &&
                 mine.items.size() > instances_max;
    }
    out.series.push_back(std::move(mine));
  }
  return out;
}

flow::Entity as_entity(const Selected& selected, const std::vector<flow::Name>& with_values) {
  flow::Entity out;
  out.id = flow::EntityId(selected.urn);
  out.types = selected.evolution.frame.types;
  out.scopes = selected.evolution.frame.scopes;
  out.created_at = selected.evolution.frame.created_at;
  out.modified_at = selected.evolution.frame.modified_at;
  for (const SelectedSeries& series : selected.series) {
    const bool all = std::ranges::find(with_values, series.attribute) != with_values.end();
    for (const SelectedItem& item : series.items) {
      if (item.instance && item.instance->deleted_at != kNever) continue;
      out.attributes.push_back(item.instance
                                   ? item.instance->attribute
                                   : twin::as_instance(*item.point, series.attribute, series.dataset).attribute);
      if (!all) break;  // that there is one says enough
    }
  }
  return out;
}

std::string limit_together(std::vector<Selected>& all, const TemporalRequest& request, std::size_t instances_max) {
  if (std::ranges::none_of(all, &Selected::cut)) return {};
  const bool backwards = request.time.last_n > 0;
  // The moment up to which (or from which) every series can be shown whole.
  Instant edge = backwards ? Instant::min() : Instant::max();
  const auto each_shown = [&](const auto& take) {
    for (Selected& selected : all) {
      for (SelectedSeries& series : selected.series) take(series);
    }
  };
  each_shown([&](SelectedSeries& series) {
    if (series.items.size() <= instances_max) return;
    if (backwards) edge = std::max(edge, series.items[series.items.size() - instances_max].at);
    else edge = std::min(edge, series.items[instances_max - 1].at);
  });
  Instant first = Instant::max(), last = Instant::min();
  each_shown([&](SelectedSeries& series) {
    std::erase_if(series.items, [&](const SelectedItem& item) {
      return item.at != kNever && (backwards ? item.at < edge : item.at > edge);
    });
    for (const SelectedItem& item : series.items) {
      if (item.at != kNever) first = std::min(first, item.at), last = std::max(last, item.at);
    }
  });
  for (Selected& selected : all)
    std::erase_if(selected.series, [](const SelectedSeries& s) { return s.items.empty(); });
  const auto& time = request.time;
  Instant start = backwards ? last : first;
  const Instant end = backwards ? first : last;
  if (time.relation) {
    if (backwards && *time.relation == twin::TimeRelation::before) start = time.time_at;
    if (backwards && *time.relation == twin::TimeRelation::between) start = time.end_time_at;
    if (!backwards && *time.relation != twin::TimeRelation::before) start = time.time_at;
  }
  return fmt::format("date-time {}-{}/{}", base::format_time(start), base::format_time(end),
                     backwards ? fmt::format("{}", time.last_n) : "*");
}

namespace {

constexpr std::string_view kPlurals[] = {"values", "values", "objects",    "languageMaps",
                                         "vocabs", "jsons",  "valueLists", "objectLists"};

class Writer {
 public:
  Writer(base::JsonWriter& out, const TemporalRequest& request)
      : out_(out), request_(request), how_(request.form.rendering) {}

  void entity(const Selected& selected) {
    const twin::history::Frame& frame = selected.evolution.frame;
    out_.object();
    if (shows("id")) out_.field("id", selected.urn);
    if (shows("type")) twin::render_types(out_, frame.types, how_.context);
    if (!frame.scopes.empty() && shows("scope")) scopes(frame.scopes);
    if (how_.sys_attrs) {
      if (shows("createdAt")) time("createdAt", frame.created_at);
      if (shows("modifiedAt")) time("modifiedAt", frame.modified_at);
      if (shows("deletedAt")) time("deletedAt", frame.deleted_at);
    }
    for (std::size_t i = 0; i < selected.series.size();) {
      std::size_t end = i + 1;
      while (end < selected.series.size() && selected.series[end].attribute == selected.series[i].attribute) ++end;
      const std::span group(selected.series.data() + i, end - i);
      if (is_shown(request_, group.front().attribute)) attribute(group);
      i = end;
    }
    out_.end();
  }

 private:
  bool shows(std::string_view member) const {
    return how_.projection.empty() || how_.projection.shows(flow::Name(member));
  }

  void time(std::string_view name, Instant at) {
    if (at != kNever) out_.field(name, base::format_time(at));
  }

  void scopes(const std::vector<flow::Name>& scopes) {
    out_.key("scope");
    if (scopes.size() == 1) return void(out_.text(scopes.front().text()));
    out_.array();
    for (const flow::Name scope : scopes) out_.text(scope.text());
    out_.end();
  }

  // All datasets of one attribute.
  void attribute(std::span<const SelectedSeries> group) {
    out_.key(how_.context ? how_.context->compact(group.front().attribute, scratch_) : group.front().attribute.text());
    const bool list = request_.as == TemporalForm::instances || group.size() > 1;
    if (list) out_.array();
    for (const SelectedSeries& series : group) {
      if (request_.as == TemporalForm::values) values(series);
      else if (request_.as == TemporalForm::aggregated) aggregated(series);
      else
        for (const SelectedItem& item : series.items) instance(series, item);
    }
    if (list) out_.end();
  }

  void instance(const SelectedSeries& series, const SelectedItem& item) {
    if (item.point) number(series, *item.point);
    else other(item.instance->attribute);
    const TimeProperty property = request_.time.property;
    if (!how_.sys_attrs && property == TimeProperty::created_at) time("createdAt", item.at);
    if (!how_.sys_attrs && property == TimeProperty::modified_at) time("modifiedAt", item.at);
    if (item.instance) time("deletedAt", item.instance->deleted_at);
    out_.field("instanceId", item.id).end();
  }

  // The object is left open.
  void number(const SelectedSeries& series, const twin::Point& point) {
    out_.object();
    if (how_.format != twin::Format::concise) out_.field("type", "Property");
    out_.field("value", point.value);
    if (!point.unit.empty()) out_.field("unitCode", point.unit.text());
    if (!series.dataset.empty()) out_.field("datasetId", series.dataset.text());
    if (point.observed) time("observedAt", point.at);
    if (how_.sys_attrs) {
      time("createdAt", point.created);
      time("modifiedAt", point.modified);
    }
  }

  // Likewise. What the concise form would write bare gets a member, for the instanceId to stand beside.
  void other(const Attribute& attribute) {
    base::JsonWriter inner;
    twin::render_attribute(inner, attribute, how_);
    std::string text = inner.take();
    const bool bare = how_.format == twin::Format::concise && attribute.observed_at == kNever &&
                      attribute.unit_code.empty() && attribute.dataset_id.empty() && attribute.subs.empty() &&
                      !how_.sys_attrs;
    out_.object();
    const bool property = attribute.kind == AttributeKind::property || attribute.kind == AttributeKind::geo_property;
    if (bare && property && !text.starts_with("{\"value\":") && !text.starts_with("{\"type\":\"Property\"")) {
      out_.key("value").raw(text);
      return;
    }
    members(text);
  }

  void members(std::string_view object) {
    object.remove_prefix(1);
    object.remove_suffix(1);
    if (!object.empty()) out_.raw(object);
  }

  void head(const SelectedSeries& series, AttributeKind kind) {
    out_.object().field("type", twin::ngsi::words_of(kind).type);
    if (!series.dataset.empty()) out_.field("datasetId", series.dataset.text());
  }

  void values(const SelectedSeries& series) {
    const bool spoken = series.kind == AttributeKind::language_property && !how_.lang.empty();
    const AttributeKind kind = spoken ? AttributeKind::property : series.kind;
    head(series, kind);
    out_.key(kPlurals[std::size_t(kind)]).array();
    flow::Value number;
    for (const SelectedItem& item : series.items) {
      out_.array();
      if (item.point) out_.number(item.point->value);
      else value(item.instance->attribute);
      out_.text(item.at == kNever ? std::string{} : base::format_time(item.at)).end();
    }
    out_.end().end();
  }

  // What the simplified form has: the value alone, or under the name of its member (clause 4.5.9).
  void value(const Attribute& attribute) {
    Attribute plain = attribute;
    plain.dataset_id = {};
    plain.subs.clear();
    twin::Rendering simple = how_;
    simple.format = twin::Format::simplified;
    twin::render_attribute(out_, plain, simple);
  }

  void aggregated(const SelectedSeries& series) {
    const twin::TemporalQuery& time = request_.time;
    const bool begins = time.relation && *time.relation != twin::TimeRelation::before;
    Instant end = kNever;
    if (time.relation == twin::TimeRelation::before) end = time.time_at;
    if (time.relation == twin::TimeRelation::between) end = time.end_time_at;
    twin::Aggregation sums(time, begins ? time.time_at : kNever, end);
    for (const SelectedItem& item : series.items) {
      if (item.at == kNever) continue;
      if (item.point) sums.add(item.at, item.point->value);
      else if (item.instance->deleted_at == kNever) sums.add(item.at, item.instance->attribute.value, series.kind);
    }
    head(series, series.kind);
    sums.write(out_);
    out_.end();
  }

  base::JsonWriter& out_;
  const TemporalRequest& request_;
  const twin::Rendering& how_;
  std::string scratch_;
};

}  // namespace

base::Status check_aggregation(const std::vector<Selected>& all, const TemporalRequest& request) {
  const auto& [attributes, pick] = std::tie(request.form.rendering.attributes, request.form.rendering.projection.pick);
  const auto named = [&](flow::Name name) {
    return std::ranges::find(attributes, name) != attributes.end() || std::ranges::find(pick, name) != pick.end();
  };
  for (const Selected& selected : all) {
    for (const SelectedSeries& series : selected.series) {
      if (!named(series.attribute)) continue;
      const auto valued = [](const SelectedItem& i) { return !i.instance || i.instance->deleted_at == kNever; };
      const auto item = std::ranges::find_if(series.items, valued);
      if (item == series.items.end()) continue;
      const flow::Value value = item->point ? flow::Value(item->point->value) : item->instance->attribute.value;
      for (const twin::AggregateMethod method : request.time.methods) {
        if (twin::can_sum_up(method, value, series.kind)) continue;
        return base::fail(base::Errc::malformed, "aggrMethods: {} says nothing of '{}'", twin::to_string(method),
                          series.attribute.text());
      }
    }
  }
  return {};
}

void render(base::JsonWriter& out, const Selected& selected, const TemporalRequest& request) {
  Writer(out, request).entity(selected);
}

}  // namespace cityloop::broker
