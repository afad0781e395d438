// A pattern of MQTT topics: "district/{kind}/{device}/state", or with '+' for a part nobody needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::sense {

class TopicPattern {
 public:
  // Refuses an empty part's placeholder, '#' anywhere but alone at the end, a wildcard beside other letters, and a name
  // given twice.
  static base::Result<TopicPattern> parse(std::string_view);

  // The filter to subscribe with: every placeholder is '+'.
  const std::string& filter() const { return filter_; }
  const std::vector<std::string>& names() const { return names_; }
  // The parts that the placeholders match, in their order, into `out`; false when the topic is another.
  bool match(std::string_view topic, std::vector<std::string_view>& out) const;

 private:
  struct Part {
    enum class Kind { literal, any, named, rest } kind;
    std::string text;
  };
  std::vector<Part> parts_;
  std::vector<std::string> names_;
  std::string filter_;
};

}  // namespace cityloop::sense
