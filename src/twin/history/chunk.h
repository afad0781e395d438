// What happened to one entity between two flushes, and what is known of it for good.
//
//   log ─▶ OpenEntity (memory) ─ flush ─▶ chunk ─ merge ─▶ runs and a Head
//
// A chunk is written without a look at the disk, one per entity and flush however many attributes changed; merging
// comes later and seldom (merge.h).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "twin/history/temporal_instance.h"

namespace cityloop::twin::history {

struct Frame {
  flow::NameList types;
  flow::NameList scopes;
  flow::Instant created_at{flow::kNever};
  flow::Instant modified_at{flow::kNever};
  flow::Instant deleted_at{flow::kNever};  // kNever while the entity is there
  // What came later, on top of this.
  void update(const Frame& later);
};

struct OpenSeries {
  flow::Name attribute, dataset;
  bool deleted{false};              // its last instance is a deletion
  std::vector<Point> points;        // in order of arrival
  std::vector<Instance> instances;  // likewise
};

struct OpenEntity {
  Frame frame;
  std::vector<OpenSeries> series;
  OpenSeries& find(flow::Name attribute, flow::Name dataset);
  std::size_t count() const;  // points and instances
};

struct SeriesInfo {
  flow::Name attribute, dataset;
  bool deleted{false};
  bool points{false}, instances{false};  // which lanes there are
  bool unobserved{false};                // some have no observedAt: they stand by their arrival
};
bool has_unobserved(const OpenSeries&);

struct Head {
  Frame frame;
  std::vector<SeriesInfo> series;
  SeriesInfo& find(flow::Name attribute, flow::Name dataset);
};

std::string encode_chunk(const OpenEntity&);
// `wanted` says which series are read; null for all. The others are there without their content.
using Wanted = std::function<bool(flow::Name attribute)>;
base::Result<OpenEntity> decode_chunk(std::string_view, const Wanted& wanted = {});

std::string encode_head(const Head&);
base::Result<Head> decode_head(std::string_view);

}  // namespace cityloop::twin::history
