#include "domain/traffic/guidance/sign_desk.h"

#include <algorithm>
#include <numbers>

#include "base/json_writer.h"
#include "flow/command.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr double kSnap_m = 80, kDestinationSnap_m = 1500;
constexpr std::uint32_t kQuietRounds = 2;

std::string_view tail_of(flow::EntityId id) {
  const std::string_view text = id.text();
  const std::size_t colon = text.rfind(':');
  return colon == text.npos ? text : text.substr(colon + 1);
}

// From north, clockwise, of an arc's first step.
double heading_deg(const geo::StreetGraph& graph, geo::StreetArc arc) {
  const auto line = graph.line(arc / 2);
  const geo::Position a = arc % 2 ? line.back() : line.front(), b = arc % 2 ? line.front() : line.back();
  const double shrink = std::cos(a.lat_deg * std::numbers::pi / 180);
  return std::atan2((b.lon_deg - a.lon_deg) * shrink, b.lat_deg - a.lat_deg) * 180 / std::numbers::pi;
}

bool looks_along(double a_deg, double b_deg) {
  const double off = std::fmod(std::abs(a_deg - b_deg), 360);
  return std::min(off, 360 - off) < 90;
}

// Lanes are not known: what one lane of a class carries in an hour, with lights (HCM's orders of magnitude).
double capacity_vph(geo::StreetClass of) {
  switch (of) {
    case geo::StreetClass::motorway: return 3600;
    case geo::StreetClass::trunk: return 2400;
    case geo::StreetClass::primary: return 1600;
    case geo::StreetClass::secondary: return 1200;
    case geo::StreetClass::tertiary: return 800;
    default: return 500;
  }
}

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

// Whether what a sign shows names the street in one of its languages, wherever its lines break.
bool names_street(const std::string& shown, const flow::Bilingual& street) {
  const std::string text = without_blanks(shown);
  return text.find(without_blanks(street.zh)) != text.npos || text.find(without_blanks(street.en)) != text.npos;
}

}  // namespace

// Who reads the sign drives on in its direction: the other arc of its street is closed for them.
std::optional<RouteAdvice> SignDesk::ask_way(const SignCity& city, const Sign& sign, geo::Position to) {
  const geo::StreetGraph& graph = city.times->net().graph();
  const auto from = graph.snap(sign.at, geo::TravelMode::car, kSnap_m);
  const auto there = graph.snap(to, geo::TravelMode::car, kDestinationSnap_m);
  if (!from || !there || from->piece == there->piece) return std::nullopt;
  const geo::StreetArc along = geo::arc_along(from->piece);
  const geo::StreetArc wrong = looks_along(heading_deg(graph, along), sign.heading_deg) ? along ^ 1 : along;
  ArcFactors closed;
  closed.raise(wrong, 1000);  // dearer, not closed: it is no street that drivers must be told of
  AdviceOptions options;
  options.worth_s = std::chrono::duration<double>(settings_.worth).count();
  options.others_max = 0;
  auto advice = advise(RouteFinder(city.times), {*from, *there, 0, &closed}, space_, options);
  if (!advice || !advice->usual) return std::nullopt;
  return std::move(*advice);
}

// The corridor is what is measured on the usual way; everything measured that is on neither way is the control.
void SignDesk::note_corridor(const SignCity& city, const RouteAdvice& advice, std::size_t destination, Desk& desk,
                             base::Instant at) const {
  std::vector<bool> on_usual(city.segments.size()), on_any(city.segments.size());
  for (std::size_t i = 0; i < advice.options.size(); ++i) {
    for (const geo::StreetArc arc : advice.options[i].route.arcs) {
      for (const SegmentPart& part : city.cover.parts(arc)) {
        on_any[part.segment] = true;
        if (advice.usual == i) on_usual[part.segment] = true;
      }
    }
  }
  double usual_s[2] = {0, 0}, now_s[2] = {0, 0};
  for (std::uint32_t i = 0; i < city.segments.size(); ++i) {
    const double now = double(city.speeds.periods[0][i]), usual = double(city.speeds.usual[i]);
    if (!(now > 0) || !(usual > 0) || (on_any[i] && !on_usual[i])) continue;
    const double length_m = city.segments[i].length_m > 0 ? city.segments[i].length_m : 100;
    usual_s[on_usual[i]] += length_m / usual;
    now_s[on_usual[i]] += length_m / now;
  }
  if (usual_s[0] <= 0 || usual_s[1] <= 0) return;
  auto& points = desk.points[std::uint32_t(destination)];
  points.push_back({at, std::log(now_s[1] / usual_s[1]), std::log(now_s[0] / usual_s[0])});
  while (at - points.front().at > 2 * settings_.measure_for + settings_.min_interval) points.pop_front();
}

void SignDesk::predict(const SignCity& city, const RouteAdvice& advice, Wish& wish) const {
  const RouteOption &best = advice.options.front(), &usual = advice.options[*advice.usual];
  const geo::StreetGraph& graph = city.times->net().graph();
  const auto narrowest = [&](const FoundRoute& route) {
    double out = 1e9;
    for (const geo::StreetArc arc : route.arcs) out = std::min(out, capacity_vph(graph.piece(arc / 2).street_class));
    return out;
  };
  Diversion it;
  it.usual_free_s = usual.usual_s;
  it.usual_now_s = usual.foreseen_s;
  it.other_free_s = best.usual_s;
  it.other_now_s = best.foreseen_s;
  it.arrivals_vph = 0.9 * narrowest(usual.route);
  it.capacity_vph = it.arrivals_vph * std::clamp(usual.usual_s / usual.foreseen_s, 0.1, 1.0);
  it.other_capacity_vph = narrowest(best.route);
  it.other_flow_vph = 0.5 * it.other_capacity_vph;
  it.share = settings_.compliance;
  wish.effect = predict_diversion(it);
  wish.has_effect = true;
}

std::optional<SignDesk::Wish> SignDesk::look(const SignCity& city, const Sign& sign, std::size_t destination,
                                             Desk& desk, base::Instant at) {
  const auto advice = ask_way(city, sign, sign.destinations[destination].at);
  if (!advice) return std::nullopt;
  note_corridor(city, *advice, destination, desk, at);
  const RouteOption &best = advice->options.front(), &usual = advice->options[*advice->usual];
  const double worth_s = std::chrono::duration<double>(settings_.worth).count();
  const double delay_s = usual.foreseen_s - usual.usual_s;
  Wish out;
  out.destination = destination;
  out.saved_s = advice->saved_s;
  out.usual_s = usual.usual_s;
  out.foreseen_s = usual.foreseen_s;
  out.now_s = usual.now_s;
  out.why = advice->why;
  out.message.destination = sign.destinations[destination].name;
  if (advice->code == AdviceCode::detour) {
    out.message.word = SignWord::detour;
    out.message.minutes = int(std::lround(advice->saved_s / 60));
    out.message.via = longest_street_apart(city.times->net().graph(), best.route, usual.route);
    predict(city, *advice, out);
    return out;
  }
  if (delay_s < worth_s) return std::nullopt;
  out.message.word = SignWord::delay;
  out.message.minutes = int(std::lround(delay_s / 60));
  return out;
}

void SignDesk::evaluate(const SignCity& city, base::Instant at, twin::Outbox& out) {
  for (std::size_t i = 0; i < settings_.signs.size(); ++i) {
    const Sign& sign = settings_.signs[i];
    std::optional<Wish> best;
    for (std::size_t k = 0; k < sign.destinations.size(); ++k) {
      auto wish = look(city, sign, k, desks_[i], at);
      // A detour is worth more than a delay that nothing helps against.
      const auto value = [](const Wish& one) {
        return one.saved_s + (one.message.word == SignWord::detour ? 1e6 : 60.0 * one.message.minutes);
      };
      if (wish && (!best || value(*wish) > value(*best))) best = std::move(wish);
    }
    measure(sign, desks_[i], at, out);
    decide(sign, desks_[i], best, at, out);
  }
}

void SignDesk::decide(const Sign& sign, Desk& desk, const std::optional<Wish>& wish, base::Instant at,
                      twin::Outbox& out) {
  if (desk.phase == Phase::asked) return;
  if (desk.asked_at != base::kNever && at - desk.asked_at < settings_.min_interval) return;
  const auto text = wish ? sign_text(sign, wish->message) : std::nullopt;
  if (!text) {
    // Once may be a gap in the readings.
    if (!desk.text.empty() && ++desk.quiet >= kQuietRounds) ask(sign, desk, "", nullptr, at, out);
    return;
  }
  desk.quiet = 0;
  if (*text == desk.text) return;
  const bool same_news = !desk.text.empty() && names_street(desk.text, wish->message.via) &&
                         desk.destination == wish->destination && at - desk.shown_at < 3 * settings_.min_interval;
  if (same_news) return;
  if (desk.refused_at != base::kNever && at - desk.refused_at < 3 * settings_.min_interval) return;
  ask(sign, desk, *text, &*wish, at, out);
}

void SignDesk::ask(const Sign& sign, Desk& desk, const std::string& text, const Wish* wish, base::Instant at,
                   twin::Outbox& out) {
  measure(sign, desk, at, out, true);
  const std::string key = fmt::format("{}-{}", tail_of(sign.device), base::to_ms(at));
  base::JsonWriter value;
  value.text(text);
  flow::Command command;
  command.id = flow::EntityId("urn:ngsi-ld:Command:traffic-sign-" + key);
  command.device = sign.device;
  command.name = sign.command;
  command.value = value.take();
  command.requested_by = "loop:traffic-guidance";
  command.requested_at = at;
  out.writes.push_back(flow::to_write(command));
  desk.phase = Phase::asked;
  desk.command = command.id;
  desk.asked_at = at;
  desk.asked_text = text;
  desk.quiet = 0;
  if (!wish) return;
  const std::string advice = "urn:ngsi-ld:TrafficAdvice:" + key;
  flow::NounWriter noun(flow::EntityId(advice), "TrafficAdvice", flow::WriteMode::replace);
  noun.link("refDevice", sign.device)
      .link("refCommand", command.id)
      .text("text", text)
      .language("destination", wish->message.destination);
  noun.language("why", wish->why)
      .time("madeAt", at)
      .number("savedTime", wish->saved_s)
      .number("usualTime", wish->usual_s);
  noun.number("timeNow", wish->now_s).number("foreseenTime", wish->foreseen_s);
  if (wish->has_effect) {
    const DiversionEffect& effect = wish->effect;
    base::JsonWriter json;
    json.object().field("compliance", settings_.compliance).field("meanWithoutS", effect.mean_without_s);
    json.field("meanWithS", effect.mean_with_s)
        .field("usualWayWithS", effect.usual_with_s)
        .field("otherWayWithS", effect.other_with_s);
    json.field("savedVehicleHours", effect.saved_vehicle_h).field("bestShare", effect.best_share);
    noun.own_json(flow::Name("predictedEffect"), json.end().take());
    desk.predicted_share = effect.mean_without_s > 0 ? 1 - effect.mean_with_s / effect.mean_without_s : 0;
  } else {
    desk.predicted_share = 0;
  }
  out.writes.push_back(noun.take());
  desk.shown_for = advice;
  desk.destination = std::uint32_t(wish->destination);
}

void SignDesk::see(const flow::Change& change, base::Instant at) {
  if (!change.is_a("Command"_name)) return;
  for (Desk& desk : desks_) {
    if (desk.phase != Phase::asked || desk.command != change.entity) continue;
    for (const flow::AttributeChange& what : change.attributes) {
      const auto* const status = std::get_if<flow::Text>(&what.now.value);
      if (what.now.name != "status"_name || what.removed || !status) continue;
      if (status->view() == "succeeded") {
        desk.text = desk.asked_text;
        desk.phase = desk.text.empty() ? Phase::dark : Phase::shown;
        desk.shown_at = at;
        desk.measured = desk.text.empty();
      } else if (status->view() == "refused" || status->view() == "failed" || status->view() == "timed_out") {
        desk.phase = desk.text.empty() ? Phase::dark : Phase::shown;
        desk.refused_at = at;
      }
    }
  }
}

void SignDesk::measure(const Sign& sign, Desk& desk, base::Instant at, twin::Outbox& out, bool at_once) const {
  if (desk.measured || (!at_once && at - desk.shown_at < settings_.measure_for)) return;
  desk.measured = true;
  std::vector<DidPoint> points;
  for (const DidPoint& one : desk.points[desk.destination]) {
    if (desk.shown_at - one.at <= settings_.measure_for && one.at - desk.shown_at <= settings_.measure_for)
      points.push_back(one);
  }
  const DidResult result = did(points, desk.shown_at);
  flow::NounWriter noun(
      flow::EntityId(fmt::format("urn:ngsi-ld:TrafficOutcome:{}-{}", tail_of(sign.device), base::to_ms(desk.shown_at))),
      "TrafficOutcome", flow::WriteMode::replace);
  noun.link("refDevice", sign.device)
      .link("refCommand", desk.command)
      .link("refAdvice", flow::EntityId(desk.shown_for));
  noun.text("text", desk.text)
      .time("shownAt", desk.shown_at)
      .time("measuredAt", at)
      .text("method", "difference in differences");
  noun.number("roundsBefore", double(result.before))
      .number("roundsAfter", double(result.after))
      .number("predictedShare", desk.predicted_share);
  if (result.before >= 2 && result.after >= 2)
    noun.number("savedShare", result.saved_share()).number("standardError", result.error);
  out.writes.push_back(noun.take());
}

void SignDesk::save(base::ByteWriter& out) const {
  out.varint(desks_.size());
  for (std::size_t i = 0; i < desks_.size(); ++i) {
    const Desk& one = desks_[i];
    for (const std::string_view text :
         {settings_.signs[i].device.text(), std::string_view(one.text), std::string_view(one.asked_text),
          std::string_view(one.shown_for), one.command.text()})
      out.text(text);
    out.u8(std::uint8_t(unsigned(one.phase) | unsigned(one.measured) << 4));
    for (const base::Instant at : {one.asked_at, one.shown_at, one.refused_at}) out.svarint(base::to_us(at));
    out.varint(one.destination);
    out.varint(one.quiet);
    out.f64(one.predicted_share);
    out.varint(one.points.size());
    for (const auto& [destination, points] : one.points) {
      out.varint(destination);
      out.varint(points.size());
      for (const DidPoint& point : points)
        out.svarint(base::to_us(point.at)), out.f64(point.corridor), out.f64(point.control);
    }
  }
}

// Signs that the settings no longer name are passed over; new ones begin dark.
base::Status SignDesk::load(base::ByteReader& in) {
  for (Desk& one : desks_) one = {};
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Desk one;
    const flow::EntityId device(in.text());
    one.text = in.text();
    one.asked_text = in.text();
    one.shown_for = in.text();
    one.command = flow::EntityId(in.text());
    const std::uint8_t is = in.u8();
    one.phase = Phase(std::min(is & 15, 2));
    one.measured = is >> 4 & 1;
    for (base::Instant* const at : {&one.asked_at, &one.shown_at, &one.refused_at}) *at = base::from_us(in.svarint());
    one.destination = std::uint32_t(in.varint());
    one.quiet = std::uint32_t(in.varint());
    one.predicted_share = in.f64();
    for (std::uint64_t more = in.varint(); more > 0 && in.ok(); --more) {
      auto& points = one.points[std::uint32_t(in.varint())];
      for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
        const base::Instant at = base::from_us(in.svarint());
        const double corridor = in.f64();
        points.push_back({at, corridor, in.f64()});
      }
    }
    for (std::size_t i = 0; i < desks_.size(); ++i) {
      if (settings_.signs[i].device == device) desks_[i] = one;
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the signs of a checkpoint end too early");
  return {};
}

}  // namespace cityloop::traffic
