#include "text/segmenter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "text/function_words.h"
#include "text/letters.h"

namespace cityloop::text {
namespace {

constexpr std::size_t kLettersMax = 8;  // longer ones are sayings run together, or somebody's missing blanks
// Of a hundred words of running text some forty are function words; the first of them is every sixteenth.
constexpr double kFunctionShare = 0.06;
constexpr std::uint8_t kVersion = 1;

// The blank-separated words of a text that are all of Chinese characters.
template <class F>
void each_han_word(std::string_view text, const F& f) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    std::size_t letters = 0;
    bool han = !word.empty();
    for (std::size_t i = 0; i < word.size() && han; ++letters) han = is_han(next_letter(word, i).code);
    if (han && letters <= kLettersMax) f(word, letters);
    at = end + 1;
  }
}

}  // namespace

bool is_segmented(std::string_view normal) {
  std::size_t han = 0, parted = 0;
  bool after_han = false, after_blank = false;
  for (std::size_t i = 0; i < normal.size();) {
    const char32_t c = next_letter(normal, i).code;
    if (c == ' ') {
      after_blank = after_han;
      after_han = false;
      continue;
    }
    if (is_han(c)) {
      ++han;
      if (after_blank) ++parted;
    }
    after_han = is_han(c);
    after_blank = false;
  }
  // Words have some two letters; people who put a blank now and then stay far below.
  return han > 0 && parted * 5 > han;
}

void Segmenter::add(std::string_view word, double count, double total, bool function) {
  std::size_t letters = 0;
  for (std::size_t i = 0; i < word.size(); ++letters) next_letter(word, i);
  letters_max_ = std::max(letters_max_, letters);
  const auto cost = float(-std::log(count / total));
  const auto [place, fresh] = cost_.try_emplace(std::string(word), Word{cost, function});
  if (!fresh) {
    place->second.cost = std::min(place->second.cost, cost);
    place->second.function |= function;
  }
}

void Segmenter::add_function_words() {
  double rank = 1;
  for (const std::string_view word : chinese_function_words()) {
    add(word, kFunctionShare / std::pow(rank, 0.9), 1, true);
    ++rank;
  }
}

Segmenter Segmenter::learn(const std::vector<std::string>& normal) {
  std::map<std::string_view, std::size_t> counts;
  double total = 1;
  for (const std::string& text : normal) {
    if (!is_segmented(text)) continue;
    each_han_word(text, [&](std::string_view word, std::size_t) {
      ++counts[word];
      ++total;
    });
  }
  Segmenter out;
  for (const auto& [word, count] : counts) out.add(word, double(count), total / (1 - 0.4), false);
  out.add_function_words();
  out.unknown_cost_ = float(std::log(total + 1) + 2);
  return out;
}

void Segmenter::cut(std::string_view han, std::vector<std::string_view>& words) const {
  std::vector<std::size_t> edges{0};  // bytes where letters begin
  for (std::size_t i = 0; i < han.size();) edges.push_back(next_letter(han, i).end);
  const std::size_t letters = edges.size() - 1;
  struct Best {
    float cost{std::numeric_limits<float>::infinity()};
    std::size_t from{};
  };
  std::vector<Best> best(letters + 1);
  best[0].cost = 0;
  for (std::size_t from = 0; from < letters; ++from) {
    for (std::size_t to = from + 1; to <= std::min(letters, from + letters_max_); ++to) {
      const auto known = cost_.find(han.substr(edges[from], edges[to] - edges[from]));
      if (known == cost_.end() && to > from + 1) continue;
      const float cost = best[from].cost + (known == cost_.end() ? unknown_cost_ : known->second.cost);
      if (cost < best[to].cost) best[to] = {cost, from};
    }
  }
  const std::size_t first = words.size();
  for (std::size_t to = letters; to > 0; to = best[to].from) {
    words.push_back(han.substr(edges[best[to].from], edges[to] - edges[best[to].from]));
  }
  std::reverse(words.begin() + std::ptrdiff_t(first), words.end());
}

bool Segmenter::is_function_word(std::string_view word) const {
  const auto known = cost_.find(word);
  return known != cost_.end() && known->second.function;
}

void Segmenter::save(base::ByteWriter& out) const {
  out.u8(kVersion);
  out.f64(unknown_cost_);
  std::map<std::string_view, Word> sorted(cost_.begin(), cost_.end());
  out.varint(sorted.size());
  for (const auto& [word, is] : sorted) {
    out.text(word);
    out.f64(is.cost);
    out.u8(is.function);
  }
}

base::Result<Segmenter> Segmenter::load(base::ByteReader& in) {
  if (in.u8() != kVersion) return base::fail(base::Errc::unsupported, "the words are in a form unknown here");
  Segmenter out;
  out.unknown_cost_ = float(in.f64());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string_view word = in.text();
    const auto cost = float(in.f64());
    const bool function = in.u8() != 0;
    std::size_t letters = 0;
    for (std::size_t i = 0; i < word.size(); ++letters) next_letter(word, i);
    out.letters_max_ = std::max(out.letters_max_, std::min(letters, kLettersMax));
    out.cost_.emplace(word, Word{cost, function});
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the list of words is damaged");
  return out;
}

}  // namespace cityloop::text
