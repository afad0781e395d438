#include "learn/suggest_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "flow/noun.h"
#include "flow/own_types.h"
#include "text/trainer.h"

namespace cityloop::learn {
namespace {

constexpr std::size_t kReasonsMax = 5;
constexpr Guess kAll[kGuesses] = {Guess::department, Guess::category};

// Never half a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (std::uint8_t(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
  return text;
}

}  // namespace

SuggestLoop::SuggestLoop(SuggestOptions options) : options_(std::move(options)) {}

std::string SuggestLoop::Open::text(std::size_t bytes_max) const {
  const std::string named = title_of(title), words = description.str();
  return cut(named.empty() || words.starts_with(named) ? words : named + "。" + words, bytes_max);
}

void SuggestLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kCaseType)) on_change(change, record.at, out);
  }
  for (const ScoreKey& key : changed_) out.writes.push_back(to_write(scores_[key]));
  changed_scores_.merge(changed_);
  changed_.clear();
  learn_when_due(record.at);
}

bool SuggestLoop::take(Open& one, const flow::Change& change) const {
  static const flow::Name kTitle("title"), kDescription("description"), kStage("stage"), kOutcome("outcome"),
      kDepartment("department"), kCategory("category");
  bool words = false;
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late || !told.now.dataset_id.empty()) continue;
    if (told.now.name == kTitle && !told.removed) {
      one.title = told.now.value;
      continue;
    }
    const auto* const value = std::get_if<flow::Text>(&told.now.value);
    flow::Text text = value && !told.removed ? *value : flow::Text{};
    if (told.now.name == kDescription) {
      if (text.size() > options_.text_bytes_max) text = cut(text.str(), options_.text_bytes_max);
      words |= text != one.description;
      one.description = std::move(text);
    } else if (told.now.name == kStage) {
      one.stage = std::move(text);
    } else if (told.now.name == kOutcome) {
      one.outcome = std::move(text);
    } else if (told.now.name == kDepartment) {
      one.label[std::size_t(Guess::department)] = std::move(text);
    } else if (told.now.name == kCategory) {
      one.label[std::size_t(Guess::category)] = std::move(text);
    }
  }
  return words;
}

// One that has ended and taught, and goes on: people have decided before whose it is, and may decide anew.
bool SuggestLoop::take_up_again(flow::EntityId about, const flow::Change& change, Open& one) const {
  static const flow::Name kOutcome("outcome");
  const auto number = taught_by_.find(about);
  if (number == taught_by_.end() || one.outcome != "open") return false;
  const bool told = std::ranges::any_of(
      change.attributes, [](const flow::AttributeChange& said) { return said.now.name == kOutcome && !said.removed; });
  if (!told) return false;
  const Example& example = *examples_.at(number->second);
  one.description = example.text;
  for (std::size_t i = 0; i < kGuesses; ++i) {
    if (one.label[i].empty()) one.label[i] = example.label[i];
  }
  one.counted = true;
  return true;
}

void SuggestLoop::on_change(const flow::Change& change, flow::Instant at, twin::Outbox& out) {
  const auto known = open_.find(change.entity);
  if (change.kind == flow::ChangeKind::erased) {
    // What it taught stays: cases that have ended go to the archive.
    if (known != open_.end()) forget(known, out);
    return;
  }
  const Open before = known == open_.end() ? Open{} : known->second;
  Open now = before;
  if (take(now, change)) now.suggested = false;
  // A sensor's case, which nobody has described; or one that was over.
  if (now.description.empty() && !take_up_again(change.entity, change, now)) {
    if (known != open_.end()) forget(known, out);
    return;
  }
  Open& one = open_[change.entity];
  one = std::move(now);
  if (one.before_dispatch_ended() && one.outcome == "open" && !one.suggested) suggest(change.entity, one, at, out);
  if (!one.before_dispatch_ended() && !one.counted) count_decision(one, at);
  if (one.outcome == "confirmed") keep_example(change.entity, one);
  // One that was merged may be parted again; what has ended and is taken up again has been decided before.
  if (one.outcome != "open" && one.outcome != "merged") return forget(open_.find(change.entity), out);
  const std::string_view id = change.entity.text();
  if (one != before) changed_open_.insert(id);
  if (one.title != before.title || one.description != before.description) changed_words_.insert(id);
}

// Nobody needs its suggestion any more.
void SuggestLoop::forget(Opens::iterator one, twin::Outbox& out) {
  if (std::ranges::find(one->second.shown, true) != std::end(one->second.shown)) {
    flow::Write gone;
    gone.entity = suggestion_id(one->first);
    gone.mode = flow::WriteMode::erase;
    out.writes.push_back(std::move(gone));
  }
  changed_open_.insert(one->first.text());
  changed_words_.insert(one->first.text());
  open_.erase(one);
}

void SuggestLoop::suggest(flow::EntityId about, Open& one, flow::Instant at, twin::Outbox& out) {
  if (to_learn_) learn();
  const std::string words = one.text(options_.text_bytes_max);
  Suggestion suggestion{about, {}, {}, at};
  bool any = false;
  for (const Guess guess : kAll) {
    const auto at_guess = std::size_t(guess);
    if (!classifier_[at_guess]) continue;
    const text::Classifier& classifier = *classifier_[at_guess];
    const text::Verdict verdict = classifier.classify(words, kReasonsMax);
    one.guessed[at_guess] = classifier.labels()[verdict.label()];
    one.shown[at_guess] = verdict.known_words > 0 && verdict.confidence() >= options_.confidence_least;
    one.suggested = true;
    if (!one.shown[at_guess]) continue;
    any = true;
    suggestion.model = classifier.origin().data;
    suggestion.of[at_guess] = {one.guessed[at_guess].str(), verdict.confidence(),
                               classifier.labels()[verdict.choices[1].label], verdict.choices[1].confidence,
                               verdict.reasons};
  }
  if (any) out.writes.push_back(to_write(suggestion));
}

void SuggestLoop::count_decision(Open& one, flow::Instant at) {
  one.counted = true;
  const std::string week = week_of(options_.zone.to_local(at));
  for (const Guess guess : kAll) {
    const auto i = std::size_t(guess);
    if (one.guessed[i].empty() || one.label[i].empty()) continue;
    WeekScore& score = scores_[{week, guess}];
    score.guess = guess;
    score.week = week;
    score.updated_at = at;
    const bool right = one.guessed[i] == one.label[i];
    if (one.shown[i]) ++(right ? score.right : score.wrong);
    else ++(right ? score.withheld_right : score.withheld_wrong);
    changed_.insert({week, guess});
  }
}

void SuggestLoop::keep_example(flow::EntityId about, const Open& one) {
  Example example{next_number_, about, one.text(options_.text_bytes_max), {}};
  for (std::size_t i = 0; i < kGuesses; ++i) example.label[i] = one.label[i].str();
  if (const auto before = taught_by_.find(about); before != taught_by_.end()) {
    const Example& known = *examples_.at(before->second);
    if (known.text == example.text && std::ranges::equal(known.label, example.label)) return;
    drop_example(known.number);
  } else {
    ++ended_since_;
  }
  ++next_number_;
  add_example(std::make_shared<const Example>(std::move(example)));
  if (examples_.size() > options_.examples_max) drop_example(examples_.begin()->first);
}

void SuggestLoop::add_example(ExamplePtr example) {
  changed_examples_.insert(example->number);
  taught_by_[example->about] = example->number;
  examples_[example->number] = std::move(example);
}

void SuggestLoop::drop_example(std::uint64_t number) {
  const auto found = examples_.find(number);
  changed_examples_.insert(number);
  taught_by_.erase(found->second->about);
  examples_.erase(found);
}

void SuggestLoop::learn_when_due(flow::Instant at) {
  if (examples_.size() < options_.examples_min) return;
  const double due = std::max(double(options_.examples_min), options_.grown_by * double(learned_.size()));
  const bool rested = learned_.empty() || at >= learned_at_ + options_.learn_every;
  const bool doubled = learned_.size() < options_.examples_max && ended_since_ >= learned_.size();
  const bool grown = learned_.empty() || double(ended_since_) >= due;
  if (!grown || (!rested && !doubled)) return;
  for (const std::uint64_t number : learned_numbers_) {
    if (!examples_.contains(number)) changed_examples_.insert(number);
  }
  learned_.clear();
  learned_numbers_.clear();
  for (const auto& [number, example] : examples_) {
    learned_.push_back(example);
    learned_numbers_.insert(learned_numbers_.end(), number);
  }
  learned_changed_ = true;
  learned_at_ = at;
  ended_since_ = 0;
  learn();
}

// From learned_; a guess for which there is too little keeps silent.
void SuggestLoop::learn() {
  to_learn_ = false;
  for (const Guess guess : kAll) {
    const auto i = std::size_t(guess);
    std::map<std::string_view, std::size_t> counts;
    for (const ExamplePtr& example : learned_) ++counts[example->label[i]];
    std::vector<text::Example> examples;
    for (const ExamplePtr& example : learned_) {
      const std::string& label = example->label[i];
      if (!label.empty() && counts[label] >= options_.label_examples_min) examples.push_back({example->text, label});
    }
    classifier_[i].reset();
    text::TrainOptions options;
    options.threads = 1;  // the loop has a thread of its own, the other cores have other work
    options.command = "loop:suggest";
    if (auto trained = text::Trainer::train(examples, options)) classifier_[i] = std::move(trained->classifier);
  }
}

}  // namespace cityloop::learn
