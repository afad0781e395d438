// What message signs should say, and what came of it.
//
//   StreetTimes, what is known of segments ─▶ [SignDesk] ─ Command(requested) ─▶ act (a person agrees) ─▶ sign
//                                                       └ TrafficAdvice (why, what is expected of it), TrafficOutcome
//                                                       (what it did)
//
// For each sign and each place it serves, the way that is usual from there is held against the best one. The place that
// is worth most is shown; a text is proposed only if it differs from what the sign shows, at most one every
// min_interval, and taken down when there is nothing to say any more. What a person refused is not asked again for
// three intervals. After measure_for the corridor's travel times before and after are compared with those of all other
// segments. State follows from what it is given, in order.
#pragma once

#include <deque>
#include <map>

#include "domain/traffic/guidance/effect.h"
#include "domain/traffic/guidance/route_advice.h"
#include "domain/traffic/guidance/sign.h"
#include "twin/loop.h"

namespace cityloop::traffic {

struct SignCity {
  const StreetTimesPtr& times;
  const SegmentCover& cover;
  const SegmentSpeeds& speeds;
  const std::vector<Segment>& segments;
};

class SignDesk {
 public:
  explicit SignDesk(SignSettings settings) : settings_(std::move(settings)), desks_(settings_.signs.size()) {}
  const SignSettings& settings() const { return settings_; }

  void evaluate(const SignCity&, base::Instant at, twin::Outbox&);
  // What became of its commands.
  void see(const flow::Change&, base::Instant at);
  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  struct Wish {
    std::size_t destination{};
    SignMessage message;
    double saved_s{}, usual_s{}, foreseen_s{}, now_s{};
    flow::Bilingual why;
    DiversionEffect effect;
    bool has_effect{false};
  };
  enum class Phase : std::uint8_t { dark, asked, shown };
  // One sign, as it goes through the log.
  struct Desk {
    Phase phase{Phase::dark};
    std::string text, asked_text;  // on the sign; asked for
    std::string shown_for;         // TrafficAdvice id of what is on the sign
    flow::EntityId command;
    base::Instant asked_at{base::kNever}, shown_at{base::kNever}, refused_at{base::kNever};
    std::uint32_t destination{}, quiet{};
    double predicted_share{};  // of the corridor's travel time
    bool measured{true};
    std::map<std::uint32_t, std::deque<DidPoint>> points;  // by destination
  };

  std::optional<Wish> look(const SignCity&, const Sign&, std::size_t destination, Desk&, base::Instant at);
  std::optional<RouteAdvice> ask_way(const SignCity&, const Sign&, geo::Position to);
  void note_corridor(const SignCity&, const RouteAdvice&, std::size_t destination, Desk&, base::Instant at) const;
  void predict(const SignCity&, const RouteAdvice&, Wish&) const;
  void decide(const Sign&, Desk&, const std::optional<Wish>&, base::Instant at, twin::Outbox&);
  void ask(const Sign&, Desk&, const std::string& text, const Wish*, base::Instant at, twin::Outbox&);
  void measure(const Sign&, Desk&, base::Instant at, twin::Outbox&, bool at_once = false) const;

  SignSettings settings_;
  std::vector<Desk> desks_;  // as settings_.signs
  RouteWorkspace space_;
};

}  // namespace cityloop::traffic
