// What citizens may report, and what others then see of it: the city folder's civic.toml.
//
//   civic.toml ─▶ [CivicSettings] ─▶ every route of this room
//
// Without the file nothing can be reported and nothing is public. All that the file can say is in doc/civic.md; every
// mistake is told with its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "base/time.h"
#include "civic/survey_rules.h"
#include "flow/finding.h"
#include "mail/smtp.h"

namespace cityloop::casework {
class CaseRules;
}

namespace cityloop::civic {

using base::Duration;
using flow::Bilingual;

// A question of a service, after Open311's attributes.
struct ServiceAttribute {
  enum class Type : std::uint8_t { string, number, datetime, text, singlevaluelist, multivaluelist };
  struct Choice {
    std::string key;
    Bilingual name;
  };
  std::string code;
  Bilingual name, help;
  Type type{Type::string};
  bool required{false};
  std::vector<Choice> choices;

  // The answer as one line for whoever handles the case; Errc::invalid when it is none.
  base::Result<std::string> line(const base::JsonValue& answer) const;
};

std::string_view to_string(ServiceAttribute::Type);

enum class PhotoWish : std::uint8_t { none, optional, required };
std::string_view to_string(PhotoWish);

struct Service {
  enum class Texts : std::uint8_t {
    masked,    // shown at once, with what looks like personal data blacked out
    approved,  // shown when a moderator has approved it
  };
  std::string code;
  std::string kind;      // of casework/
  std::string category;  // code of its table; empty: the kind's
  Bilingual name, description, group;
  std::vector<std::string> keywords;
  PhotoWish photo{PhotoWish::optional};
  bool hidden{false};  // private: on no public map or list
  bool sensed{false};  // cases of its kind that the city found by itself are public too
  double round_m{0};   // public positions lie on a grid of this width; 0: as they are
  Texts texts{Texts::masked};
  std::vector<ServiceAttribute> attributes;
};

// How often somebody may: `burst` at once, then so many a minute.
struct RateRule {
  double per_minute{};
  double burst{};
};

// Notices to browsers (civic/push_sender.h).
struct PushSettings {
  std::string subject;             // "mailto:…" or "https://…": whom a push service asks; empty: nothing is pushed
  std::vector<std::string> hosts;  // the only ones, "*.push.example" with all below; empty: any outside of the house
  bool local{false};               // also http to this machine: for trials without the internet
  std::vector<std::string> names;  // "HOST:PORT:ADDRESS": not looked up but known; not in the file
  bool on() const { return !subject.empty(); }
};

struct CivicSettings {
  std::string version;       // fingerprint of the file's text; empty where there is none
  std::string jurisdiction;  // Open311's jurisdiction_id; empty: none is asked for
  std::string address;       // "https://city.example", for links in what is sent; empty: links have only a path
  Bilingual contact, privacy;
  Duration contact_kept{std::chrono::hours(24 * 180)};  // after the end of the case
  Duration closed_shown{std::chrono::hours(24 * 180)};  // how long the public list shows what has ended
  unsigned photos_max{5};
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-For is believed
  RateRule posts{2, 6}, uploads{6, 12}, reads{120, 240}, keys{60, 120};
  mail::MailSettings mail;
  PushSettings push;
  std::vector<std::string> origins;  // of whose pages a browser may read what is public ("*": any)
  SurveySettings surveying;
  std::vector<Survey> surveys;
  std::vector<Service> services;

  // An absent file gives no services. `rules` null: kinds and categories are not looked up.
  static base::Result<CivicSettings> load(const std::string& file, const casework::CaseRules* rules);
  static base::Result<CivicSettings> parse(std::string_view text, std::string name, const casework::CaseRules* rules);

  static std::string version_of(std::string_view text);

  const Service* find(std::string_view code) const;      // null when there is none
  const Survey* find_survey(std::string_view id) const;  // likewise
};

}  // namespace cityloop::civic
