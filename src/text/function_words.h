// Words that hold a sentence together and say nothing of its matter: 的, 我们, because. They are cut out of texts, and
// left out of what is counted.
#pragma once

#include <span>
#include <string_view>

namespace cityloop::text {

// Chinese ones, the commonest first.
std::span<const std::string_view> chinese_function_words();
bool is_english_function_word(std::string_view lower_case);

}  // namespace cityloop::text
