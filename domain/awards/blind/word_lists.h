// Words by which names are told from ordinary text: surnames, titles, endings of organisations, cities.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cityloop::awards::blind {

// Of one or two Chinese characters, simplified.
bool is_surname(std::string_view);
bool is_pinyin_surname(std::string_view lower_case);
bool is_given_name(std::string_view lower_case);  // of the commonest in English
// Ordinary words that begin as a name would: 高级, 项目, 应用.
bool begins_as_ordinary_word(std::string_view han);
// Provinces and cities of China, without 省 and 市.
std::span<const std::string_view> city_names();
bool is_capital_word(std::string_view capitals);  // GIS, API: letters that name a thing and nobody

// Of a run of Chinese: how many bytes at its beginning lead up to a name and are none of it (我们位于, 由, 联合).
std::size_t led_up_to(std::string_view han);

// Latin letters of Chinese ones, by syllable: 张晓明 → zhang xiao ming. Surnames are read as surnames (单 shan).
std::vector<std::string> pinyin_of_name(std::string_view han);
std::vector<std::string> pinyin_of(std::string_view han);
// How many letters of the surname a Chinese name begins with: 0 when it does not look like a name.
std::size_t surname_letters(std::string_view han);

}  // namespace cityloop::awards::blind
