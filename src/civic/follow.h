// One report as whoever sent it sees it, and what they may do about it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "civic/office.h"

namespace cityloop::civic {

struct FollowedReport {
  Report report;
  flow::Case opened;   // what it became
  flow::Case follows;  // where that goes on; the same unless it was merged
};

// Errc::not_found alike for a token that is forged, broken, or of a report that is not there.
base::Result<FollowedReport> find_followed(const Office&, std::string_view token);
base::Result<FollowedReport> find_report(const Office&, std::string_view number);
base::Result<std::string> followed_json(const Office&, const FollowedReport&);

enum class ReporterWish : std::uint8_t { rate, contest, note };

// The workflow's verb by which the reporter may do it now; empty: not now.
std::string verb_for(const Office&, const flow::Case&, ReporterWish);
// Errc::conflict where it is not possible now. `done` is called on the clerk's thread.
void take_step(const Office&, const FollowedReport&, ReporterWish, flow::Action what, const serve::OnceKey&,
               std::function<void(base::Status)> done);

}  // namespace cityloop::civic
