// What the lights of one junction really show, second by second, held against the rules by somebody who decides
// nothing.
//
//   SUMO's lights ─▶ [RoadWatch] ─▶ violations, counted and told
//
// It knows the junction and nothing of controllers, monitors and commands: conflicting greens, a green that ends
// without yellow, a yellow that is too short, a green shorter than the minimum, a green given before those in conflict
// have had their red. Seconds are whole: one look a second.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

class RoadWatch {
 public:
  explicit RoadWatch(const Junction&);

  void look(std::string_view letters, double now_s);
  std::uint64_t violations() const { return violations_; }
  const std::string& last() const { return last_; }  // what was wrong, for a person

 private:
  struct Light {
    char shown{0};
    double since_s{};
    bool known{false};  // since_s is when it really began
  };
  void changed(std::size_t movement, char to, double now_s);
  void wrong(std::string text, double now_s);

  const Junction& junction_;
  std::vector<Light> lights_;  // per movement
  std::uint64_t violations_{0};
  std::string last_;
};

}  // namespace cityloop::traffic
