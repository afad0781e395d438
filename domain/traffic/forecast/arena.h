// Champion and challengers: whose forecasts are told. A challenger takes the champion's place only when it was better
// on time that neither had seen, by a margin and beyond chance.
//
//   losses of all models, when the truth arrives ─▶ [Arena] ─ champion ─▶
//   forecast loop
//
// Diebold and Mariano's test (1995) on the difference of losses a moment, its variance with autocovariances by Bartlett
// weights (Newey and West 1987), for forecasts that overlap err together. It is looked at every so many moments only:
// the more often one looks, the sooner chance wins. After a change all counts of the group begin anew. Groups are
// independent (a kind of road and a horizon). A challenger may be silent for a while (NaN), or be another than before
// (renew): it is compared over the moments at which it spoke. Everything follows from the losses in their order.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cityloop::traffic {

struct ArenaOptions {
  std::size_t lag_most{12};          // moments over which errors hang together: the
                                     // longest horizon, in steps
  std::uint64_t moments_least{288};  // that must have been judged, and between two looks
  double margin{0.01};               // better by so much of the champion's loss
  double critical{2.326};            // of the test: 1 in 100 by chance, one-sided
};

class Arena {
 public:
  // The first model is everybody's champion at the beginning.
  explicit Arena(std::size_t models, ArenaOptions options = {}) : models_(models), options_(options) {}

  // Mean loss of each model at one moment; one at which the champion's is NaN does not count. True: the champion
  // changed.
  bool judge(std::string_view group, std::span<const double> losses);
  // What was counted of this model speaks for it no more. Where it was champion the best of the others takes its place.
  void renew(std::size_t model);
  std::size_t champion(std::string_view group) const;

  struct Standing {
    std::size_t champion{};
    std::uint64_t moments{};        // since it is champion
    std::uint64_t changes{};        // of champions, ever
    std::vector<double> mean_loss;  // by model, over those of these moments at which it spoke; NaN: never
    std::vector<double> statistic;  // of the test against the champion; above 0: better than it
  };
  std::optional<Standing> standing(std::string_view group) const;

  std::vector<std::string> groups() const;
  void save(std::string_view group, base::ByteWriter&) const;
  base::Status load(std::string_view group, base::ByteReader&);

 private:
  struct Duel {  // of a model against the champion, over the moments at which it spoke
    std::uint64_t moments{0};
    double loss{0}, champion_loss{0};
    double sum{0};                 // of the champion's loss less its own
    std::vector<double> products;  // of the difference now with that so many moments ago
    std::vector<double> last;      // the newest first
  };
  struct Group {
    std::size_t champion{0};
    std::uint64_t moments{0}, changes{0};
    std::vector<Duel> duels;
  };
  Group fresh(std::size_t champion) const;
  Duel fresh_duel() const;
  double statistic(const Duel&) const;
  bool is_better(const Duel&) const;

  std::size_t models_;
  ArenaOptions options_;
  std::map<std::string, Group, std::less<>> groups_;
};

}  // namespace cityloop::traffic
