#include "casework/intake_rules.h"

#include <algorithm>
#include <array>

#include "casework/toml_reading.h"

namespace cityloop::casework {
namespace {

constexpr std::array<std::string_view, 5> kSeverity{"Unknown", "Minor", "Moderate", "Severe", "Extreme"};
constexpr std::array<std::string_view, 12> kCategory{"Geo",    "Met", "Safety",    "Security", "Rescue", "Fire",
                                                     "Health", "Env", "Transport", "Infra",    "CBRNE",  "Other"};

int rank_of(std::string_view severity) {
  const auto found = std::find(kSeverity.begin(), kSeverity.end(), severity);
  return found == kSeverity.end() ? 0 : int(found - kSeverity.begin());
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? char(c + 32) : c;
}

bool any_fits(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return matches(p, text); });
}

CapRow read_row(base::ConfigTable& table) {
  CapRow row;
  row.line = table.line();
  row.events = table.texts("event");
  row.codes = table.texts("code");
  row.categories = table.texts("category");
  row.senders = table.texts("sender");
  for (const std::string& category : row.categories) {
    if (std::find(kCategory.begin(), kCategory.end(), category) == kCategory.end())
      table.mistake("category", fmt::format("'{}' is no category of CAP: {}", category, fmt::join(kCategory, ", ")));
  }
  if (table.has("least")) {
    const std::string least = table.text("least");
    row.least = rank_of(least);
    if (row.least == 0)
      table.mistake("least", fmt::format("'{}' is no severity of CAP: Minor, Moderate, Severe, Extreme", least));
  }
  row.kind = table.text("kind");
  row.department = table.text_or("department", "");
  if (table.has("severity")) {
    const auto severity = flow::severity_from(table.text("severity"));
    if (severity) row.severity = *severity;
    else table.mistake("severity", severity.error().message);
  }
  return row;
}

}  // namespace

// Only the last '*' that was passed need be tried again, so this takes at most the product of the lengths.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && lower(pattern[p]) == lower(text[t])) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool CapRow::fits(const flow::Alert& alert) const {
  const bool code = codes.empty() || std::any_of(alert.codes.begin(), alert.codes.end(),
                                                 [&](const std::string& c) { return any_fits(codes, c); });
  return code && any_fits(events, alert.event) && any_fits(categories, alert.category) &&
         any_fits(senders, alert.sender) && rank_of(alert.severity) >= least;
}

const CapRow* IntakeRules::row_for(const flow::Alert& alert) const {
  const auto found = std::find_if(cap.begin(), cap.end(), [&](const CapRow& row) { return row.fits(alert); });
  return found == cap.end() ? nullptr : &*found;
}

void IntakeRules::read(base::ConfigTable& root) {
  if (auto table = root.table("intake")) {
    if (line != 0) table->mistake("intake", "there is a block [intake] already");
    line = table->line();
    kind = table->text_or("kind", "");
    similar = SimilarRules::read(*table);
  }
  for (base::ConfigTable& table : root.tables("cap")) cap.push_back(read_row(table));
}

flow::Severity severity_of(const flow::Alert& alert) {
  using flow::Severity;
  if (alert.urgency == "Past") return Severity::minor;
  const int rank = rank_of(alert.severity);
  int out = rank == 0 ? int(Severity::moderate) : rank - 1;
  const bool unsure = alert.certainty == "Possible" || alert.certainty == "Unlikely";
  if (alert.urgency == "Future" || unsure) --out;
  return Severity(std::clamp(out, int(Severity::minor), int(Severity::extreme)));
}

}  // namespace cityloop::casework
