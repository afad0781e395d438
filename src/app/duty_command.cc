#include "app/commands.h"
#include "base/clock.h"
#include "casework/responsibility_flaws.h"
#include "duty/roster_gaps.h"
#include "serve/duty_routes.h"
#include "serve/rules_in_force.h"

namespace cityloop::app {

base::Status check_duty(const DutyCheckOptions& options) {
  const serve::City city = TRY(serve::City::load(options.city + "/city.toml"));
  const auto rules = TRY(casework::CaseRules::load_folder(options.city + "/casework", serve::facts_of(city)));
  const auto duty_rules = TRY(duty::DutyRules::load_folder(options.city + "/duty", serve::facts_of(city)));
  const auto roster = duty::Roster::make(duty_rules, {});
  const base::Instant now = base::WallClock().now();
  const auto flaws = casework::flaws_of(*rules, serve::policy_areas_of(city), now);
  for (const casework::Flaw& flaw : flaws) fmt::print("{}: {}\n", to_string(flaw.kind), flaw.text.en);
  const auto unknown = serve::unknown_crews(*rules, *roster);
  for (const std::string& line : unknown) fmt::print("unknown: {}\n", line);
  const auto gaps = gaps_of(*roster, serve::holdings_of(*rules), now, now + std::chrono::hours(24) * options.days);
  for (const duty::RosterGap& gap : gaps) fmt::print("{}: {}\n", to_string(gap.of), gap.text.en);
  fmt::print(
      "{} cells, {} rules of responsibility, {} crews, {} people: {} flaws of responsibility, {} unknown names, {} "
      "gaps in the rosters of {} days\n",
      rules->responsibility().cells().size(), rules->responsibility().rules().size(), roster->crews().size(),
      roster->people().size(), flaws.size(), unknown.size(), gaps.size(), options.days);
  return {};
}

}  // namespace cityloop::app
