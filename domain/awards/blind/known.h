// Identities that are known, in the ways in which people write them.
//
//   Identity… ─▶ [KnownNames] ─ find ─▶ findings ─▶ masker
//
// 张晓明: also 张 晓明, 張曉明, 张局长, Zhang Xiaoming, ZHANG Xiao-ming, Xiaoming Zhang, X.M. Zhang, Mr Zhang. John A.
// Smith: also Smith, John; J. Smith; Mr. Smith. 深圳市迅联数据技术有限公司: also without its form and its city, down to
// its brand (迅联, Xunlian) where that is no ordinary word; Acme Data Co., Ltd.: also Acme Data, and ADC where at least
// three words give the letters. A project: also without 项目, 平台, system. A place: with and without 市, and its
// pinyin.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "domain/awards/blind/finding.h"

namespace cityloop::awards::blind {

class KnownNames {
 public:
  // `found` is what findings will say of how they came about.
  void add(const Identity&, Found found);
  void find(const Folded&, const Tight&, std::vector<Finding>&) const;
  bool empty() const { return variants_.empty(); }

 private:
  struct Variant {
    std::string tight;
    std::string capitals;  // else this, as it stands in `plain`
    Kind kind{};
    Found found{};
    std::string who;
  };
  struct Regex;
  void add_person(const std::string& name, const std::string& who, Found);
  void add_chinese_person(const std::string& name, const std::string& who, Found);
  void add_english_person(const std::string& name, const std::string& who, Found);
  void add_organisation(const std::string& name, const std::string& who, Found);
  void add_english_organisation(const std::string& name, const std::string& who, Found);
  void add_project(const std::string& name, const std::string& who, Found);
  void add_place(const std::string& name, const std::string& who, Found);
  void put(const std::string& name, Kind, const std::string& who, Found);
  void put_regex(const std::string& regex, Kind, const std::string& who, Found);

  std::vector<Variant> variants_;
  std::vector<std::shared_ptr<const Regex>> regexes_;  // over `plain`
};

// Titles that stand behind a Chinese surname or name, as a part of a regular expression.
extern const char* const kChineseTitles;
// Those that stand before an English one.
extern const char* const kEnglishTitles;

}  // namespace cityloop::awards::blind
