#include "twin/history/view.h"

namespace cityloop::twin::history {
namespace {

using store::Table;

// Merges what is on disk with the edits, both in the order of `Before`. Gives false once the callback has.
template <class At, class Before>
class Merge {
 public:
  Merge(const At& at, const At& end, Before before, const View::Each& each)
      : at_(at), end_(end), before_(before), each_(each) {}

  bool on_disk(std::string_view key, std::string_view value) {
    while (at_ != end_ && before_(at_->first, key)) {
      if (!take()) return false;
    }
    if (at_ != end_ && at_->first == key) return take();
    return going_ = each_(key, value);
  }
  void finish() {
    while (going_ && at_ != end_) take();
  }

 private:
  bool take() {
    const auto& [key, value] = *at_++;
    return going_ = !value || each_(key, *value);
  }

  At at_, end_;
  Before before_;
  const View::Each& each_;
  bool going_{true};
};

}  // namespace

base::Result<std::optional<std::string>> View::get(std::string_view key) const {
  if (const auto edit = edits_.find(key); edit != edits_.end()) return edit->second;
  return store_.get(Table::series, key);
}

base::Status View::scan(std::string_view from, std::string_view to, const Each& each) const {
  const auto first = edits_.lower_bound(from), last = edits_.lower_bound(to);
  if (first == last) return store_.scan(Table::series, from, to, each);
  Merge merge(first, last, std::less<std::string_view>{}, each);
  TRY(store_.scan(Table::series, from, to, [&](auto key, auto value) { return merge.on_disk(key, value); }));
  merge.finish();
  return {};
}

base::Status View::scan_back(std::string_view from, std::string_view to, const Each& each) const {
  const auto first = edits_.lower_bound(from), last = edits_.lower_bound(to);
  if (first == last) return store_.scan_back(Table::series, from, to, each);
  Merge merge(std::make_reverse_iterator(last), std::make_reverse_iterator(first), std::greater<std::string_view>{},
              each);
  TRY(store_.scan_back(Table::series, from, to, [&](auto key, auto value) { return merge.on_disk(key, value); }));
  merge.finish();
  return {};
}

}  // namespace cityloop::twin::history
