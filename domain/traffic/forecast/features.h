// What a model is shown of a node at a moment: its last values, what is usual, its neighbours, the state of the whole.
//
//   Panel, Profile ─▶ [Features] ─ a row a node ─▶ Booster
//
// The usual value of a day that is learned from leaves that day out (profile.h); the statistics of a node are of all
// the days learned from. Only steps up to the origin are read, and, of what is usual, the moment that is foreseen. A
// value that is not known is NaN in its column.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "domain/traffic/forecast/panel.h"
#include "domain/traffic/forecast/profile.h"

namespace cityloop::traffic {

struct FeatureOptions {
  std::vector<int> lags{1, 2, 3, 4, 5, 6, 8, 11};  // of the node's own values, in steps
  int window{12};                                  // steps that are looked back on, at least the largest lag and one
  int leaders{5};                                  // nodes whose departure from the usual told most of what this
                                                   // one did next
  int components{6};                               // of the whole network's departures (principal components)
  int lead_steps{6};                               // how far ahead a leader should lead
  // Values of these earlier days at the hour that is foreseen; none where a model may see its window alone.
  std::vector<int> days_back;
  ProfileOptions profile;
};

class Features {
 public:
  Features() = default;
  Features(const Panel&, std::size_t until, FeatureOptions);

  // What is worked out once for a stretch of steps and read for many rows.
  struct Around {
    std::size_t first{0}, end{0};  // steps [first, end)
    std::vector<float> usual;      // beyond end by the longest horizon
    std::vector<float> departure;  // value less usual, for each variable of the
                                   // panel, one after the other
    std::vector<float> near_value,
        near_departure;        // mean of the linked nodes, by weight
    std::vector<float> whole;  // mean departure of all nodes, a step
    std::vector<float> component;
  };
  // For origins [from, to); `learning` where they lie in the span that was learned from.
  Around around(const Panel&, std::size_t from, std::size_t to, std::size_t horizon_most, bool learning) const;

  std::size_t count() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  void row(const Panel&, const Around&, std::size_t origin, std::size_t horizon, std::size_t node, float* out) const;

  const Profile& profile() const { return profile_; }
  const FeatureOptions& options() const { return options_; }
  // How wide its departures from the usual are, root mean square.
  float spread(std::size_t node) const { return statistics_[node].spread; }
  std::size_t nodes() const { return statistics_.size(); }

 private:
  struct Statistics {
    float mean{0}, spread{0}, step_spread{0}, high{0};
  };
  class Writer;
  void name_columns(const Panel&);
  void find_statistics(const Panel&, std::size_t until);
  void find_leaders(const Panel&, const Around&, std::size_t until);
  void find_components(const Panel&, const Around&, std::size_t until);
  void departures_of(const Panel&, bool learning, std::size_t horizon_most, Around&) const;
  void neighbours_of(const Panel&, Around&) const;
  void write_own(const Panel&, const Around&, std::size_t origin, std::size_t node, Writer&) const;
  void write_usual(const Panel&, const Around&, std::size_t origin, std::size_t horizon, std::size_t node,
                   Writer&) const;
  void write_network(const Panel&, const Around&, std::size_t origin, std::size_t node, Writer&) const;

  FeatureOptions options_;
  Profile profile_;
  std::vector<Profile> other_profiles_;
  std::vector<Statistics> statistics_;
  std::vector<std::vector<std::size_t>> leaders_;
  std::vector<float> components_;  // nodes × components
  std::vector<std::string> names_;
};

}  // namespace cityloop::traffic
