// One cycle of an award or a collection of cases: who may enter what until when, how it is judged, what follows.
//
//   CITY/awards/*.toml ─▶ read_cycle() ─▶ [Cycle] ─▶ entry (forms, files, windows), panel (dimensions), desk
//
// Data only, and immutable once read. Every instant is computed from the civil time that the file names, in the cycle's
// own time zone; windows are half open, so what arrives at `closes` or later is late. Two worked examples lie in
// domain/awards/cycles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/awards/panel/vote.h"
#include "flow/finding.h"

namespace cityloop::awards {

using base::Duration;
using base::Instant;
using flow::Bilingual;

// From the first moment to the first one that is too late.
struct Window {
  Instant opens{base::kNever}, closes{base::kNever};
  bool given() const { return closes != base::kNever; }
  bool has(Instant t) const { return given() && t >= opens && t < closes; }
};

enum class ProjectStatus : std::uint8_t { planned, in_progress, done };

struct Category {
  std::string id;
  Bilingual name, description;
  std::vector<std::string> key_words;  // by which reviewers are found and the library is searched
  bool theme{false};                   // one of those of which a proposal has one only; otherwise comprehensive
  unsigned cases_min{0};               // supporting cases
  std::vector<ProjectStatus> status;   // that a project may have here; empty: any
};

// A place is a position: degrees of latitude and longitude in WGS 84, kept as "31.2304,121.4737".
enum class FieldType : std::uint8_t { line, text, number, date, choice, choices, email, phone, url, yes, place };

// What double blind means for a field: shown, shown with names masked, or never shown.
enum class Blind : std::uint8_t { show, mask, hide };

struct Choice {
  std::string id;
  Bilingual name;
};

struct Field {
  std::string id;
  Bilingual name, help;
  FieldType type{FieldType::text};
  bool required{true};
  bool both{false};             // written in each language of the cycle, side by side
  std::size_t max_chars{1500};  // characters, of each language
  std::optional<double> least, most;
  std::string unit;                     // of a number, as it is read
  std::vector<Choice> choices;          // of choice and choices
  std::vector<std::string> categories;  // asked for in these only; empty: in all
  Blind blind{Blind::mask};
  bool status{false};  // its answer is the project's ProjectStatus
  bool title{false};   // the proposal is called by it
};

enum class FileKind : std::uint8_t { pdf, office, video, image };

// One place of the form for files.
struct FileSlot {
  std::string id;
  Bilingual name, help;
  FileKind kind{FileKind::pdf};
  unsigned least{1}, most{1};  // how many; the supporting cases' least is the category's
  bool supporting_cases{false};
  unsigned pages_max{0};  // 0: any
  std::uint64_t bytes_max{20u << 20};
  bool stamped{false};  // to be printed, stamped and scanned: said to the applicant and checked by the secretary
  std::string with;     // the slot of the editable file that goes with each; empty: none
};

struct Dimension {
  std::string id;
  Bilingual name, description;
  double max{10}, step{1}, weight{1};
};

// What a score means: from `from` on, up to the next band's.
struct Band {
  double from{};
  Bilingual name;
};

struct Bonus {
  std::string id;
  Bilingual name;
  double points{};
};

struct StageWindow {
  std::string id;  // kStages
  Bilingual name, then;
  Window when;
};

// The steps whose windows a cycle may give, in their order.
inline constexpr std::string_view kStages[] = {"screening", "questions",    "transfer",  "review", "deliberation",
                                               "shortlist", "confirmation", "materials", "results"};

struct VideoRule {
  double seconds_max{60};
  unsigned width{1920}, height{1080};
  std::vector<std::string> subtitles;  // languages
  std::uint64_t bytes_max{std::uint64_t{300} << 20};
};

// A prize without scores: somebody nominates, the jury votes.
struct Prize {
  std::string id;
  Bilingual name, description;
  std::string of;              // person, company, product, project
  std::vector<Choice> groups;  // each with winners of its own, and a vote of its own
  unsigned winners{1};
  double quorum{0};    // of the jury: who must have voted
  double majority{0};  // of the votes: what a winner needs
  panel::TieRule ties{panel::TieRule::chair};
};

struct Channel {
  std::string id;
  Bilingual name;
};

// Letters to applicants (desk/letter_words.h).
enum class LetterKind : std::uint8_t { receipt, submit, questions, transfer, shortlist, confirm, result };
inline constexpr LetterKind kLetterKinds[] = {LetterKind::receipt,  LetterKind::submit,    LetterKind::questions,
                                              LetterKind::transfer, LetterKind::shortlist, LetterKind::confirm,
                                              LetterKind::result};

// How one comes to take part: anybody with an address that answers; only whom the secretariat has invited; or accounts
// are made by hand.
enum class Coming : std::uint8_t { open, invited, closed };

struct Registration {
  Coming how{Coming::closed};
  Window when;           // the entries' own where the file gives none
  unsigned a_day_max{};  // requests, of everybody together
  Bilingual consent;     // what is done with what one says of oneself; agreed to
};

struct Cycle {
  std::string id;      // "city-award-2026"
  std::string prefix;  // of proposals' numbers: "CA26-0001"
  int year{};
  Bilingual name, organiser, description;
  base::TimeZone zone{base::TimeZone::utc()};
  Window entry;
  Registration registration;
  std::vector<std::string> languages;  // in which texts are written side by side; the first must be
  bool second_language_required{false};
  bool double_blind{false};
  unsigned reviewers{3};      // of each proposal, at least
  unsigned per_unit_max{0};   // proposals; 0: any number
  unsigned shortlist{0};      // places of each category; 0: as the panel decides
  Duration confirm_within{};  // after the notice; zero: nothing is to be confirmed
  double bonus_max{0};
  bool opt_out{true};  // of the library
  std::vector<Category> categories;
  std::vector<Field> fields;
  std::vector<FileSlot> files;
  std::vector<Dimension> dimensions;
  std::vector<Band> bands;  // ascending
  std::vector<Bonus> bonuses;
  std::vector<StageWindow> stages;
  std::optional<VideoRule> video;
  std::vector<Prize> prizes;
  std::vector<Choice> distinctions;      // what the chair may award; empty: as the chair writes it
  std::vector<LetterKind> automatic;     // letters that go by themselves; the others wait for the secretary
  std::vector<Channel> channels;         // where what is chosen is published, each with consent
  std::optional<Bilingual> certificate;  // its sentence; none are given without

  const Category* category(std::string_view id) const;
  const Field* field(std::string_view id) const;
  const FileSlot* slot(std::string_view id) const;
  const Dimension* dimension(std::string_view id) const;
  Bilingual distinction(const std::string& prize) const;  // what a proposal's prize is called
  const StageWindow* stage(std::string_view id) const;
  // Whether a step may be taken now: where the cycle gives no window for it, the people decide when.
  bool open(std::string_view stage, Instant now) const;
  // Whether its time has come, and is perhaps over; true where the cycle gives no window for it.
  bool begun(std::string_view stage, Instant now) const;
  const Field* title_field() const;
  std::string local(Instant) const;  // "2026-06-15 23:59:59.999 (Asia/Shanghai)"
  double score_max() const;          // the weighted sum's
};

std::string_view to_string(ProjectStatus);
std::string_view to_string(FieldType);
std::string_view to_string(Blind);
std::string_view to_string(FileKind);
std::string_view to_string(LetterKind);
std::string_view to_string(Coming);

// Every mistake of the file is told with its line. `name` is the file's.
base::Result<Cycle> read_cycle(std::string_view text, const std::string& name);
base::Result<Cycle> load_cycle(const std::string& file);
// All of CITY/awards/*.toml; mistakes of all of them at once, and two cycles of one id are one.
base::Result<std::vector<Cycle>> load_cycles(const std::string& folder);

}  // namespace cityloop::awards
