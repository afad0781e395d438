#include "twin/context/core_context.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "twin/context/context.h"

namespace cityloop::twin::core_context {
namespace {

constexpr std::string_view kGeoJson = "https://purl.org/geojson/vocab#";
constexpr std::string_view kDublinCore = "http://purl.org/dc/terms/";
constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

// Terms whose IRI is that of NGSI-LD with the term itself.
constexpr std::string_view kPlain =
    "Attribute AttributeList ContextSourceIdentity ContextSourceNotification ContextSourceRegistration Date "
    "DateTime EntityType EntityTypeInfo EntityTypeList ExecutionResultDetails GeoProperty JsonProperty "
    "LanguageProperty ListProperty ListRelationship Notification Property Relationship Snapshot "
    "SnapshotNotification Subscription TemporalProperty Time VocabProperty accept aggrMethods aggrParams "
    "aggrPeriodDuration attributeList attributeName attributeNames attributeTypes attributes attrs avg "
    "cacheDuration collation contextSourceAlias contextSourceExtras contextSourceInfo contextSourceTimeAt "
    "contextSourceUptime cooldown createdAt csf data datasetId deletedAt detail distinctCount endAt "
    "endTimeAt endpoint entities entity entityCount entityId entityList error errors expandValues expiresAt "
    "format geoQ geoproperty georel idPattern information instanceId isActive join jsonKeys jsons lang "
    "lastFailure lastNotification lastSuccess lastUsedAt linkedMaps localOnly location management "
    "managementInterval max min mode modifiedAt ngsildproof notUpdated notification notificationTrigger "
    "notifiedAt notifierInfo observationInterval observationSpace observedAt omit operationSpace operations "
    "orderBy ordering pick problemDetails propertyNames q reason receiverInfo refreshRate registrationId "
    "registrationName relationshipNames resultStatus scope scopeQ showChanges snapshotId snapshotLifetime "
    "snapshotPriority snapshotQueries snapshotQueriesDetails snapshotStatus snapshotTemporalQueries "
    "snapshotTemporalQueriesDetails startAt status stddev subscriptionId subscriptionName success sum sumsq "
    "sysAttrs temporalQ tenant throttling timeAt timeInterval timeout timeproperty timerel timesFailed "
    "timesSent totalCount triggerReason typeList typeName typeNames unchanged unitCode updated uri "
    "watchedAttributes";

// The same in the vocabulary of GeoJSON.
constexpr std::string_view kGeometry =
    "Feature FeatureCollection GeometryCollection LineString MultiLineString MultiPoint MultiPolygon Point "
    "Polygon bbox coordinates features geometry properties";

struct Renamed {
  std::string_view term;
  Iri iri;
};
constexpr Renamed kRenamed[] = {
    {"containedBy", {kNgsiLd, "isContainedBy"}},
    {"dataset", {kNgsiLd, "hasDataset"}},
    {"entityMap", {kNgsiLd, "hasEntityMap"}},
    {"joinLevel", {kNgsiLd, "hasJoinLevel"}},
    {"json", {kNgsiLd, "hasJSON"}},
    {"key", {kNgsiLd, "hasKey"}},
    {"languageMap", {kNgsiLd, "hasLanguageMap"}},
    {"languageMaps", {kNgsiLd, "hasLanguageMaps"}},
    {"object", {kNgsiLd, "hasObject"}},
    {"objectList", {kNgsiLd, "hasObjectList"}},
    {"objectLists", {kNgsiLd, "hasObjectLists"}},
    {"objectType", {kNgsiLd, "hasObjectType"}},
    {"objects", {kNgsiLd, "hasObjects"}},
    {"objectsLists", {kNgsiLd, "hasObjectsLists"}},
    {"previousJson", {kNgsiLd, "hasPreviousJson"}},
    {"previousLanguageMap", {kNgsiLd, "hasPreviousLanguageMap"}},
    {"previousObject", {kNgsiLd, "hasPreviousObject"}},
    {"previousObjectList", {kNgsiLd, "hasPreviousObjectList"}},
    {"previousValue", {kNgsiLd, "hasPreviousValue"}},
    {"previousValueList", {kNgsiLd, "hasPreviousValueList"}},
    {"previousVocab", {kNgsiLd, "hasPreviousVocab"}},
    {"value", {kNgsiLd, "hasValue"}},
    {"valueList", {kNgsiLd, "hasValueList"}},
    {"valueLists", {kNgsiLd, "hasValueLists"}},
    {"valueType", {kNgsiLd, "hasValueType"}},
    {"values", {kNgsiLd, "hasValues"}},
    {"vocab", {kNgsiLd, "hasVocab"}},
    {"vocabs", {kNgsiLd, "hasVocabs"}},
    {"description", {kDublinCore, "description"}},
    {"langString", {kRdf, "langString"}},
    {"title", {kDublinCore, "title"}},
};

struct Table {
  std::unordered_map<std::string_view, Iri> iris;           // term → IRI
  std::unordered_map<std::string, std::string_view> terms;  // IRI → term

  void add(std::string_view term, Iri iri) {
    iris.emplace(term, iri);
    terms.emplace(std::string(iri.prefix).append(iri.rest), term);
  }
  void add_all(std::string_view terms, std::string_view prefix) {
    while (!terms.empty()) {
      const std::string_view term = terms.substr(0, terms.find(' '));
      add(term, {prefix, term});
      terms.remove_prefix(std::min(term.size() + 1, terms.size()));
    }
  }
  Table() {
    add_all(kPlain, kNgsiLd);
    add_all(kGeometry, kGeoJson);
    for (const Renamed& renamed : kRenamed) add(renamed.term, renamed.iri);
    for (const std::string_view term : {"ngsi-ld", "geojson"}) add(term, {prefix(term), {}});
  }
};

const Table& table() {
  static const Table* const table = new Table;
  return *table;
}

// Keywords under another name.
bool is_alias(std::string_view term) {
  return term == "id" || term == "type";
}

}  // namespace

bool is_url(std::string_view url) {
  constexpr std::string_view kStem = "://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context";
  if (!url.starts_with("http")) return false;
  url.remove_prefix(url.starts_with("https") ? 5 : 4);
  if (!url.starts_with(kStem)) return false;
  url.remove_prefix(kStem.size());
  if (!url.ends_with(".jsonld")) return false;
  url.remove_suffix(7);
  return url.empty() || (url.starts_with("-v") && url.find_first_not_of("0123456789.", 2) == url.npos);
}

bool is_term(std::string_view text) {
  return is_alias(text) || table().iris.contains(text);
}

Iri iri_of(std::string_view term) {
  const auto found = table().iris.find(term);
  return found == table().iris.end() ? Iri{} : found->second;
}

std::string_view term_of(std::string_view iri) {
  const bool possible =
      iri.starts_with(kNgsiLd) || iri.starts_with(kGeoJson) || iri.starts_with(kDublinCore) || iri.starts_with(kRdf);
  if (!possible) return {};
  const auto found = table().terms.find(std::string(iri));
  return found == table().terms.end() ? std::string_view{} : found->second;
}

std::string_view prefix(std::string_view text) {
  if (text == "ngsi-ld") return kNgsiLd;
  if (text == "geojson") return kGeoJson;
  return {};
}

std::string_view prefix_of(std::string_view iri) {
  if (iri.starts_with(kNgsiLd)) return "ngsi-ld";
  if (iri.starts_with(kGeoJson)) return "geojson";
  return {};
}

}  // namespace cityloop::twin::core_context
