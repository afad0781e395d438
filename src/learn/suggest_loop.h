// Learns from how people decided past cases, and suggests department and category for those that come in.
//
//   casework ─ Case ─▶ log ══▶ [SuggestLoop] ─ Suggestion, SuggestionScore ─▶ twin ─▶ console
//
// A case that ended as confirmed teaches: its words (title and description) with the department and the category that
// it had at its end. When enough new ones have ended, it learns anew from the newest of all. A case before dispatch
// that people described gets a Suggestion, once, and again when its words change. When the case leaves dispatch,
// somebody has decided: the suggestion is compared with that, and counted in the week of the decision. What changes
// later (a transfer) teaches, but is not counted.
//
// State follows from the log alone: learning is deterministic and happens between two records. It takes some
// milliseconds a past case, on this loop's own thread; nobody waits for it. Kept row by row (twin/loop.h): of an open
// case two rows, its words apart, so that a step costs a short one. Memory: some 100 bytes for each described case that
// is open, whose words are the twin's own as long as nothing was restarted, and the words of examples_max past ones.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "flow/case.h"
#include "learn/suggestion.h"
#include "twin/loop.h"

namespace cityloop::learn {

struct SuggestOptions {
  double confidence_least{0.6};                      // below it nothing is suggested: a person decides
  std::size_t examples_min{60};                      // it learns nothing from fewer
  std::size_t examples_max{5000};                    // the newest are kept
  std::size_t label_examples_min{5};                 // a department with fewer past cases is not suggested
  double grown_by{0.2};                              // so much more must have ended before it learns anew,
  base::Duration learn_every{std::chrono::days(7)};  // and so long ago, save while it has doubled
  std::size_t text_bytes_max{900};                   // of a case's words: people say at the beginning what it is about
  base::TimeZone zone{base::TimeZone::utc()};        // of the weeks
};

class SuggestLoop final : public twin::Loop {
 public:
  explicit SuggestLoop(SuggestOptions options = {});

  std::string_view name() const override { return "suggest"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;

  // On the loop's thread only.
  std::size_t examples() const { return examples_.size(); }
  std::size_t learned_from() const { return learned_.size(); }

 private:
  struct Example {
    std::uint64_t number{};  // rises with the ends of cases
    flow::EntityId about;
    std::string text;
    std::string label[kGuesses];
  };
  using ExamplePtr = std::shared_ptr<const Example>;

  // A case that people described and that is not over: what the log has told of it so far.
  struct Open {
    flow::Value title;
    flow::Text description, stage, outcome{"open"};
    flow::Text label[kGuesses];
    bool suggested{false};         // for the words that it has now
    flow::Text guessed[kGuesses];  // the likeliest, shown or withheld
    bool shown[kGuesses]{};
    bool counted{false};

    bool operator==(const Open&) const = default;
    std::string text(std::size_t bytes_max) const;
    bool before_dispatch_ended() const { return stage == "intake" || stage == "filing" || stage == "dispatch"; }
  };
  using Opens = std::unordered_map<flow::EntityId, Open>;
  using ScoreKey = std::pair<std::string, Guess>;  // week, guess

  void on_change(const flow::Change&, flow::Instant at, twin::Outbox&);
  bool take(Open&, const flow::Change&) const;  // whether its words have changed
  bool take_up_again(flow::EntityId, const flow::Change&, Open&) const;
  void suggest(flow::EntityId, Open&, flow::Instant at, twin::Outbox&);
  void count_decision(Open&, flow::Instant at);
  void forget(Opens::iterator, twin::Outbox&);
  void keep_example(flow::EntityId, const Open&);
  void drop_example(std::uint64_t number);
  void add_example(ExamplePtr);
  void learn_when_due(flow::Instant at);
  void learn();

  // suggest_rows.cc
  static std::string title_of(const flow::Value&);
  static void put(base::ByteWriter&, const Open&);
  static void get(base::ByteReader&, Open&);
  static void put(base::ByteWriter&, const Example&);
  static Example get_example(base::ByteReader&);
  static void put(base::ByteWriter&, const WeekScore&);
  static WeekScore get_score(base::ByteReader&);
  std::string head_row() const;
  std::string learned_row() const;
  void save_open(twin::StateRows&);
  void save_examples(twin::StateRows&);
  void load_learned(base::ByteReader&);
  void load_open(base::ByteReader&);
  void load_examples(base::ByteReader&);

  const SuggestOptions options_;
  Opens open_;
  std::map<std::uint64_t, ExamplePtr> examples_;                 // by number: the newest last
  std::unordered_map<flow::EntityId, std::uint64_t> taught_by_;  // case → its example
  std::vector<ExamplePtr> learned_;                              // those that the classifiers rest on
  std::set<std::uint64_t> learned_numbers_;                      // of these
  std::uint64_t next_number_{1};
  flow::Instant learned_at_{flow::kNever};
  std::size_t ended_since_{0};  // since it learned
  bool to_learn_{false};        // loaded, and not learned again from learned_ yet
  std::optional<text::Classifier> classifier_[kGuesses];
  std::map<ScoreKey, WeekScore> scores_;
  std::set<ScoreKey> changed_;  // scores to be written after this record

  // Since save_changed():
  std::set<std::string_view> changed_open_, changed_words_;
  std::set<std::uint64_t> changed_examples_;
  std::set<ScoreKey> changed_scores_;
  bool learned_changed_{false};
  std::map<std::uint64_t, ExamplePtr> aside_;  // while rows are loaded: learned from, and no longer kept
};

}  // namespace cityloop::learn
