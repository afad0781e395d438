// What SuggestLoop keeps of itself, row by row; and whole, as it did before there were rows.
#include <algorithm>
#include <utility>

#include "flow/noun.h"
#include "learn/suggest_loop.h"

namespace cityloop::learn {
namespace {

constexpr std::uint8_t kVersion = 1;
// In the order in which they must be read.
constexpr char kHeadRow = 'a', kExampleRow = 'e', kLearnedRow = 'l', kOpenRow = 'o', kScoreRow = 's', kWordsRow = 'w';

std::string number_key(std::uint64_t number) {
  std::string key(9, kExampleRow);
  for (std::size_t i = 8; i > 0; --i, number >>= 8) key[i] = char(number & 0xff);
  return key;
}

flow::Value title_from(std::string_view text) {
  return text.empty() ? flow::Value{} : flow::Value{flow::Text(text)};
}

}  // namespace

// As it counts: one text, the Chinese one where there are two.
std::string SuggestLoop::title_of(const flow::Value& value) {
  if (const auto* text = std::get_if<flow::Text>(&value)) return text->str();
  flow::Entity holder;
  holder.attributes.push_back(flow::property(flow::Name("title"), value));
  const flow::Bilingual title = flow::language_field(holder, "title");
  return title.zh.empty() ? title.en : title.zh;
}

// Without its words.
void SuggestLoop::put(base::ByteWriter& out, const Open& one) {
  for (const flow::Text* text : {&one.stage, &one.outcome}) out.text(*text);
  for (std::size_t i = 0; i < kGuesses; ++i) {
    out.text(one.label[i]);
    out.text(one.guessed[i]);
    out.u8(one.shown[i]);
  }
  out.u8(std::uint8_t(one.suggested | one.counted << 1));
}

void SuggestLoop::get(base::ByteReader& in, Open& one) {
  for (flow::Text* text : {&one.stage, &one.outcome}) *text = in.text();
  for (std::size_t i = 0; i < kGuesses; ++i) {
    one.label[i] = in.text();
    one.guessed[i] = in.text();
    one.shown[i] = in.u8() != 0;
  }
  const std::uint8_t flags = in.u8();
  one.suggested = (flags & 1) != 0;
  one.counted = (flags & 2) != 0;
}

void SuggestLoop::put(base::ByteWriter& out, const Example& example) {
  out.text(example.about.text());
  out.text(example.text);
  for (const std::string& label : example.label) out.text(label);
}

SuggestLoop::Example SuggestLoop::get_example(base::ByteReader& in) {
  Example example;
  example.about = flow::EntityId(in.text());
  example.text = in.text();
  for (std::string& label : example.label) label = in.text();
  return example;
}

void SuggestLoop::put(base::ByteWriter& out, const WeekScore& score) {
  out.text(score.week);
  out.u8(std::uint8_t(score.guess));
  for (const std::uint64_t n : {score.right, score.wrong, score.withheld_right, score.withheld_wrong}) out.varint(n);
  out.svarint(base::to_us(score.updated_at));
}

WeekScore SuggestLoop::get_score(base::ByteReader& in) {
  WeekScore score;
  score.week = in.text();
  score.guess = in.u8() == 0 ? Guess::department : Guess::category;
  for (std::uint64_t* const n : {&score.right, &score.wrong, &score.withheld_right, &score.withheld_wrong})
    *n = in.varint();
  score.updated_at = base::from_us(in.svarint());
  return score;
}

std::string SuggestLoop::head_row() const {
  base::ByteWriter out;
  out.u8(kVersion);
  out.svarint(base::to_us(learned_at_));
  out.varint(ended_since_);
  out.varint(next_number_);
  return out.take();
}

std::string SuggestLoop::learned_row() const {
  base::ByteWriter out;
  out.varint(learned_.size());
  for (const ExamplePtr& example : learned_) out.varint(example->number);
  return out.take();
}

void SuggestLoop::save_open(twin::StateRows& rows) {
  for (const std::string_view id : std::exchange(changed_open_, {})) {
    const auto one = open_.find(flow::EntityId(id));
    base::ByteWriter out;
    if (one != open_.end()) put(out, one->second);
    if (one != open_.end()) rows.put(kOpenRow + std::string(id), out.take());
    else rows.erase(kOpenRow + std::string(id));
  }
  for (const std::string_view id : std::exchange(changed_words_, {})) {
    const auto one = open_.find(flow::EntityId(id));
    if (one == open_.end()) {
      rows.erase(kWordsRow + std::string(id));
      continue;
    }
    base::ByteWriter out;
    out.text(title_of(one->second.title));
    out.text(one->second.description);
    rows.put(kWordsRow + std::string(id), out.take());
  }
}

// One that is no longer kept stays while the classifiers rest on it.
void SuggestLoop::save_examples(twin::StateRows& rows) {
  if (learned_changed_) rows.put(std::string(1, kLearnedRow), learned_row());
  learned_changed_ = false;
  for (const std::uint64_t number : std::exchange(changed_examples_, {})) {
    const auto kept = examples_.find(number);
    ExamplePtr example = kept == examples_.end() ? nullptr : kept->second;
    if (!example && learned_numbers_.contains(number))
      example = *std::ranges::find(learned_, number, [](const ExamplePtr& one) { return one->number; });
    if (!example) {
      rows.erase(number_key(number));
      continue;
    }
    base::ByteWriter out;
    out.u8(kept != examples_.end());
    put(out, *example);
    rows.put(number_key(number), out.take());
  }
}

void SuggestLoop::save_changed(twin::StateRows& rows) {
  rows.put(std::string(1, kHeadRow), head_row());
  save_examples(rows);
  save_open(rows);
  for (const ScoreKey& key : std::exchange(changed_scores_, {})) {
    base::ByteWriter out;
    put(out, scores_.at(key));
    rows.put(fmt::format("{}{}{}", kScoreRow, key.first, char('0' + int(key.second))), out.take());
  }
}

base::Status SuggestLoop::load_row(std::string_view key, base::ByteReader& in) {
  switch (key.front()) {
    case kHeadRow:
      if (const std::uint8_t version = in.u8(); version != kVersion)
        return base::fail(base::Errc::unsupported, "the suggestions' rows have encoding {}, unknown here", version);
      learned_at_ = base::from_us(in.svarint());
      ended_since_ = in.varint();
      next_number_ = in.varint();
      return {};
    case kExampleRow: {
      std::uint64_t number = 0;
      for (const char byte : key.substr(1)) number = number << 8 | std::uint8_t(byte);
      const bool kept = in.u8() != 0;
      Example example = get_example(in);
      example.number = number;
      auto shared = std::make_shared<const Example>(std::move(example));
      if (kept) taught_by_[shared->about] = number;
      (kept ? examples_ : aside_)[number] = std::move(shared);
      return {};
    }
    case kLearnedRow: return load_learned(in), base::Status{};
    case kOpenRow: return get(in, open_[flow::EntityId(key.substr(1))]), base::Status{};
    case kWordsRow: {
      Open& one = open_[flow::EntityId(key.substr(1))];
      one.title = title_from(in.text());
      one.description = in.text();
      return {};
    }
    case kScoreRow: {
      const WeekScore score = get_score(in);
      scores_[{score.week, score.guess}] = score;
      return {};
    }
    default: return base::fail(base::Errc::corrupt, "the suggestions have no rows '{}'", key);
  }
}

void SuggestLoop::load_learned(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::uint64_t number = in.varint();
    const auto kept = examples_.find(number), aside = aside_.find(number);
    if (kept != examples_.end()) learned_.push_back(kept->second);
    else if (aside != aside_.end()) learned_.push_back(aside->second);
    else continue;
    learned_numbers_.insert(number);
  }
  aside_.clear();
  to_learn_ = !learned_.empty();
}

void SuggestLoop::save(base::ByteWriter& out) const {
  out.u8(kVersion);
  std::vector<std::pair<std::string_view, const Open*>> open;
  open.reserve(open_.size());
  for (const auto& [id, one] : open_) open.emplace_back(id.text(), &one);
  std::ranges::sort(open);
  out.varint(open.size());
  for (const auto& [id, one] : open) {
    out.text(id);
    out.text(title_of(one->title));
    out.text(one->description);
    put(out, *one);
  }
  // Each example once, whether it is kept, learned from, or both.
  std::map<const Example*, std::size_t> place;
  std::vector<const Example*> all;
  std::vector<const Example*> kept;
  for (const auto& [number, example] : examples_) kept.push_back(example.get());
  std::vector<const Example*> learned;
  for (const ExamplePtr& example : learned_) learned.push_back(example.get());
  for (const auto* list : {&kept, &learned}) {
    for (const Example* example : *list) {
      if (place.try_emplace(example, all.size()).second) all.push_back(example);
    }
  }
  out.varint(all.size());
  for (const Example* example : all) put(out, *example);
  for (const auto* list : {&kept, &learned}) {
    out.varint(list->size());
    for (const Example* example : *list) out.varint(place[example]);
  }
  out.svarint(base::to_us(learned_at_));
  out.varint(ended_since_);
  out.varint(scores_.size());
  for (const auto& [key, score] : scores_) put(out, score);
}

void SuggestLoop::load_open(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const flow::EntityId id(in.text());
    Open& one = open_[id];
    one.title = title_from(in.text());
    one.description = in.text();
    get(in, one);
    changed_open_.insert(id.text());
    changed_words_.insert(id.text());
  }
}

void SuggestLoop::load_examples(base::ByteReader& in) {
  std::vector<ExamplePtr> all;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Example example = get_example(in);
    example.number = next_number_++;
    changed_examples_.insert(example.number);
    all.push_back(std::make_shared<const Example>(std::move(example)));
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    if (const std::uint64_t place = in.varint(); place < all.size()) add_example(all[place]);
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::uint64_t place = in.varint();
    if (place >= all.size()) continue;
    learned_.push_back(all[place]);
    learned_numbers_.insert(all[place]->number);
  }
}

// A whole checkpoint, from before there were rows: all of it becomes rows.
base::Status SuggestLoop::load(base::ByteReader& in) {
  if (const std::uint8_t version = in.u8(); version != kVersion)
    return base::fail(base::Errc::unsupported, "the suggestions' checkpoint has encoding {}, unknown here", version);
  open_.clear();
  examples_.clear();
  taught_by_.clear();
  learned_.clear();
  learned_numbers_.clear();
  scores_.clear();
  load_open(in);
  load_examples(in);
  learned_changed_ = true;
  learned_at_ = base::from_us(in.svarint());
  ended_since_ = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const WeekScore score = get_score(in);
    scores_[{score.week, score.guess}] = score;
    changed_scores_.insert({score.week, score.guess});
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the suggestions' checkpoint is damaged");
  to_learn_ = !learned_.empty();
  return {};
}

}  // namespace cityloop::learn
