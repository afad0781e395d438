#include "learn/suggest_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "flow/noun.h"
#include "flow/own_types.h"
#include "text/trainer.h"

namespace cityloop::learn {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kReasonsMax = 5;
constexpr Guess kAll[kGuesses] = {Guess::department, Guess::category};

// Never half a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (std::uint8_t(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
  return text;
}

// The Chinese title of a LanguageProperty's JSON, or the English one.
std::string title_in(const flow::Value& value) {
  flow::Entity holder;
  flow::Attribute attribute;
  attribute.name = flow::Name("title");
  attribute.value = value;
  holder.attributes.push_back(std::move(attribute));
  const flow::Bilingual title = flow::language_field(holder, "title");
  return title.zh.empty() ? title.en : title.zh;
}

}  // namespace

SuggestLoop::SuggestLoop(SuggestOptions options) : options_(std::move(options)) {}

std::string SuggestLoop::Open::text(std::size_t bytes_max) const {
  return cut(title.empty() || description.starts_with(title) ? description : title + "。" + description, bytes_max);
}

void SuggestLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kCaseType)) on_change(change, record.at, out);
  }
  for (const auto& key : std::exchange(changed_, {})) out.writes.push_back(to_write(scores_[key]));
  learn_when_due(record.at);
}

bool SuggestLoop::take(Open& one, const flow::Change& change) const {
  static const flow::Name kTitle("title"), kDescription("description"), kStage("stage"), kOutcome("outcome"),
      kDepartment("department"), kCategory("category");
  bool words = false;
  for (const flow::AttributeChange& told : change.attributes) {
    if (told.late || !told.now.dataset_id.empty()) continue;
    if (told.now.name == kTitle && !told.removed) {
      one.title = title_in(told.now.value);
      continue;
    }
    const auto* const value = std::get_if<flow::Text>(&told.now.value);
    std::string text = value && !told.removed ? value->str() : std::string{};
    if (told.now.name == kDescription) {
      text = cut(std::move(text), options_.text_bytes_max);
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

void SuggestLoop::on_change(const flow::Change& change, flow::Instant at, twin::Outbox& out) {
  if (change.kind == flow::ChangeKind::erased) {
    // What it taught stays: cases that have ended go to the archive.
    if (const auto known = open_.find(change.entity); known != open_.end()) forget(known, out);
    return;
  }
  if (open_.size() >= options_.open_max && !open_.contains(change.entity)) return;
  Open& one = open_[change.entity];
  if (take(one, change)) one.suggested = false;
  if (one.description.empty()) {
    open_.erase(change.entity);  // a sensor's case: nobody has described it
    return;
  }
  if (one.before_dispatch_ended() && one.outcome == "open" && !one.suggested) suggest(change.entity, one, at, out);
  if (!one.before_dispatch_ended() && !one.counted) count_decision(one, at);
  if (one.outcome == "confirmed") keep_example(change.entity, one);
  // One that was merged may be parted again; what has ended and is taken up again has been decided before.
  if (one.outcome != "open" && one.outcome != "merged") forget(open_.find(change.entity), out);
}

// Nobody needs its suggestion any more.
void SuggestLoop::forget(std::unordered_map<flow::EntityId, Open>::iterator one, twin::Outbox& out) {
  if (std::ranges::find(one->second.shown, true) != std::end(one->second.shown)) {
    flow::Write gone;
    gone.entity = suggestion_id(one->first);
    gone.mode = flow::WriteMode::erase;
    out.writes.push_back(std::move(gone));
  }
  open_.erase(one);
}

void SuggestLoop::suggest(flow::EntityId about, Open& one, flow::Instant at, twin::Outbox& out) {
  if (to_learn_) learn();
  Suggestion suggestion{about, {}, {}, at};
  bool any = false;
  for (const Guess guess : kAll) {
    const auto at_guess = std::size_t(guess);
    if (!classifier_[at_guess]) continue;
    const text::Classifier& classifier = *classifier_[at_guess];
    const text::Verdict verdict = classifier.classify(one.text(options_.text_bytes_max), kReasonsMax);
    one.guessed[at_guess] = classifier.labels()[verdict.label()];
    one.shown[at_guess] = verdict.known_words > 0 && verdict.confidence() >= options_.confidence_least;
    one.suggested = true;
    if (!one.shown[at_guess]) continue;
    any = true;
    suggestion.model = classifier.origin().data;
    suggestion.of[at_guess] = {one.guessed[at_guess], verdict.confidence(),
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
  auto example = std::make_shared<Example>();
  example->about = about;
  example->text = one.text(options_.text_bytes_max);
  for (std::size_t i = 0; i < kGuesses; ++i) example->label[i] = one.label[i];
  const auto before = std::ranges::find(examples_, about, [](const ExamplePtr& e) { return e->about; });
  if (before != examples_.end()) {
    const bool same = (*before)->text == example->text && std::ranges::equal((*before)->label, example->label);
    if (same) return;
    examples_.erase(before);
  } else {
    ++ended_since_;
  }
  examples_.push_back(std::move(example));
  if (examples_.size() > options_.examples_max) examples_.erase(examples_.begin());
}

void SuggestLoop::learn_when_due(flow::Instant at) {
  if (examples_.size() < options_.examples_min) return;
  const double due = std::max(double(options_.examples_min), options_.grown_by * double(learned_.size()));
  const bool rested = learned_.empty() || at >= learned_at_ + options_.learn_every;
  const bool doubled = learned_.size() < options_.examples_max && ended_since_ >= learned_.size();
  const bool grown = learned_.empty() || double(ended_since_) >= due;
  if (!grown || (!rested && !doubled)) return;
  learned_ = examples_;
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

void SuggestLoop::save(base::ByteWriter& out) const {
  out.u8(kVersion);
  std::vector<std::pair<std::string_view, const Open*>> open;
  open.reserve(open_.size());
  for (const auto& [id, one] : open_) open.emplace_back(id.text(), &one);
  std::ranges::sort(open);
  out.varint(open.size());
  for (const auto& [id, one] : open) {
    for (const std::string_view text : {id, std::string_view(one->title), std::string_view(one->description),
                                        std::string_view(one->stage), std::string_view(one->outcome)}) {
      out.text(text);
    }
    for (std::size_t i = 0; i < kGuesses; ++i) {
      out.text(one->label[i]);
      out.text(one->guessed[i]);
      out.u8(one->shown[i]);
    }
    out.u8(std::uint8_t(one->suggested | one->counted << 1));
  }
  // Each example once, whether it is kept, learned from, or both.
  std::map<const Example*, std::size_t> number;
  std::vector<const Example*> all;
  for (const auto* list : {&examples_, &learned_}) {
    for (const ExamplePtr& example : *list) {
      if (number.try_emplace(example.get(), all.size()).second) all.push_back(example.get());
    }
  }
  out.varint(all.size());
  for (const Example* example : all) {
    out.text(example->about.text());
    out.text(example->text);
    for (const std::string& label : example->label) out.text(label);
  }
  for (const auto* list : {&examples_, &learned_}) {
    out.varint(list->size());
    for (const ExamplePtr& example : *list) out.varint(number[example.get()]);
  }
  out.svarint(base::to_us(learned_at_));
  out.varint(ended_since_);
  out.varint(scores_.size());
  for (const auto& [key, score] : scores_) {
    out.text(score.week);
    out.u8(std::uint8_t(score.guess));
    for (const std::uint64_t n : {score.right, score.wrong, score.withheld_right, score.withheld_wrong}) out.varint(n);
    out.svarint(base::to_us(score.updated_at));
  }
}

void SuggestLoop::load_open(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Open& one = open_[flow::EntityId(in.text())];
    for (std::string* const text : {&one.title, &one.description, &one.stage, &one.outcome}) *text = in.text();
    for (std::size_t i = 0; i < kGuesses; ++i) {
      one.label[i] = in.text();
      one.guessed[i] = in.text();
      one.shown[i] = in.u8() != 0;
    }
    const std::uint8_t flags = in.u8();
    one.suggested = (flags & 1) != 0;
    one.counted = (flags & 2) != 0;
  }
}

void SuggestLoop::load_examples(base::ByteReader& in) {
  std::vector<ExamplePtr> all;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    auto example = std::make_shared<Example>();
    example->about = flow::EntityId(in.text());
    example->text = in.text();
    for (std::string& label : example->label) label = in.text();
    all.push_back(std::move(example));
  }
  for (auto* const list : {&examples_, &learned_}) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      if (const std::uint64_t number = in.varint(); number < all.size()) list->push_back(all[number]);
    }
  }
}

base::Status SuggestLoop::load(base::ByteReader& in) {
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    return base::fail(base::Errc::unsupported, "the suggestions' checkpoint has encoding {}, unknown here", version);
  }
  open_.clear();
  examples_.clear();
  learned_.clear();
  scores_.clear();
  load_open(in);
  load_examples(in);
  learned_at_ = base::from_us(in.svarint());
  ended_since_ = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    WeekScore score;
    score.week = in.text();
    score.guess = in.u8() == 0 ? Guess::department : Guess::category;
    for (std::uint64_t* const n : {&score.right, &score.wrong, &score.withheld_right, &score.withheld_wrong}) {
      *n = in.varint();
    }
    score.updated_at = base::from_us(in.svarint());
    scores_[{score.week, score.guess}] = score;
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the suggestions' checkpoint is damaged");
  to_learn_ = !learned_.empty();
  return {};
}

}  // namespace cityloop::learn
