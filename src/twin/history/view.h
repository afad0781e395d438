// The table `series` as it will be for one entity: what is on disk, under what is on its way there.
//
// Whether an edit has reached the disk makes no difference: it says what a key holds, not how it changes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace cityloop::twin::history {

using Edits = std::map<std::string, std::optional<std::string>, std::less<>>;  // nothing: erased

class View {
 public:
  using Each = std::function<bool(std::string_view key, std::string_view value)>;

  View(const store::Store& store, Edits edits) : store_(store), edits_(std::move(edits)) {}

  base::Result<std::optional<std::string>> get(std::string_view key) const;
  // Keys in [from, to) in order, or from the last to the first; false from the callback stops.
  base::Status scan(std::string_view from, std::string_view to, const Each&) const;
  base::Status scan_back(std::string_view from, std::string_view to, const Each&) const;

  void put(std::string key, std::string value) { edits_[std::move(key)] = std::move(value); }
  void erase(std::string key) { edits_[std::move(key)] = std::nullopt; }

 private:
  const store::Store& store_;
  Edits edits_;
};

}  // namespace cityloop::twin::history
