// SPDX-License-Identifier: MIT
// Dropout; see DropoutCall in kernels.h, and engine/dropout.h for which values are kept.
//
// Philox multiplies 32 bits by 32 to 64. So a word of a block lies in the lower half of a lane of 64 bits, of whose upper half
// nothing is ever read; blocks of even and of odd lanes are computed apart and put together at the end.
#include "simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fast/kernels/dropout_kernel.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "engine/fast/kernels/entry_points-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt::fast::HWY_NAMESPACE {

using namespace lanes::HWY_NAMESPACE;

// Of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011).
inline constexpr std::size_t kRounds = 10;
inline constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
inline constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t kKeyStep0 = 0x9E3779B9;
inline constexpr std::uint32_t kKeyStep1 = 0xBB67AE85;

using WordTag = hn::RebindToUnsigned<Tag>;
using WideTag = hn::CappedTag<std::uint64_t, hn::MaxLanes(WordTag()) < 2 ? 1 : hn::MaxLanes(WordTag()) / 2>;
using Words = hn::Vec<WordTag>;
using Wide = hn::Vec<WideTag>;

// Sixteen blocks: word j of the block of lane i is lane i of word[j].
struct Blocks {
  Words word[4][kParts];
};

// The generator with the key of a call and all of the counter but its first word.
class Generator {
 public:
  LANES_INLINE Generator(const DropoutMask& mask, DropoutSite site, std::size_t document)
      : site_(static_cast<std::uint32_t>(site)), document_(static_cast<std::uint32_t>(document)), step_(mask.step()) {
    auto key0 = static_cast<std::uint32_t>(mask.seed());
    auto key1 = static_cast<std::uint32_t>(mask.seed() >> 32);
    for (std::size_t r = 0; r < kRounds; ++r, key0 += kKeyStep0, key1 += kKeyStep1) {
      keys0_[r] = hn::Set(WideTag(), key0);
      keys1_[r] = hn::Set(WideTag(), key1);
    }
  }

  LANES_INLINE void set_document(std::size_t document) { document_ = static_cast<std::uint32_t>(document); }

  // The blocks whose first words are `first` to first + 15.
  LANES_INLINE Blocks blocks(std::uint32_t first) const {
    Blocks blocks;
    LANES_UNROLL(16)
    for (std::size_t i = 0; i < kParts; ++i) {
#if HWY_TARGET == HWY_SCALAR
      Counter counter = counter_of(Wide(first + i));
      run_rounds(counter);
      for (std::size_t j = 0; j < 4; ++j) blocks.word[j][i] = Words(static_cast<std::uint32_t>(counter.word[j].raw));
#else
      const Wide lanes = hn::BitCast(WideTag(), hn::Iota(WordTag(), first + static_cast<std::uint32_t>(i * kPartLanes)));
      Counter even = counter_of(lanes);
      Counter odd = counter_of(hn::ShiftRight<32>(lanes));
      run_rounds(even);
      run_rounds(odd);
      LANES_UNROLL(4)
      for (std::size_t j = 0; j < 4; ++j)
        blocks.word[j][i] =
            hn::OddEven(hn::BitCast(WordTag(), hn::ShiftLeft<32>(odd.word[j])), hn::BitCast(WordTag(), even.word[j]));
#endif
    }
    return blocks;
  }

 private:
  struct Counter {
    Wide word[4];
  };

  LANES_INLINE Counter counter_of(Wide first) const {
    return {{first, hn::Set(WideTag(), site_), hn::Set(WideTag(), document_), hn::Set(WideTag(), step_)}};
  }

  // The product of the lower halves.
  static LANES_INLINE Wide multiply(Wide a, std::uint32_t b) {
#if HWY_TARGET == HWY_SCALAR
    return Wide((a.raw & 0xFFFFFFFF) * b);
#else
    return hn::MulEven(hn::BitCast(WordTag(), a), hn::Set(WordTag(), b));
#endif
  }

  LANES_INLINE void run_rounds(Counter& counter) const {
    Wide* const c = counter.word;
    LANES_UNROLL(10)
    for (std::size_t r = 0; r < kRounds; ++r) {
      const Wide product0 = multiply(c[0], kMultiplier0);
      const Wide product1 = multiply(c[2], kMultiplier1);
      c[0] = hn::Xor(hn::ShiftRight<32>(product1), hn::Xor(c[1], keys0_[r]));
      c[1] = product1;
      c[2] = hn::Xor(hn::ShiftRight<32>(product0), hn::Xor(c[3], keys1_[r]));
      c[3] = product0;
    }
  }

  Wide keys0_[kRounds];
  Wide keys1_[kRounds];
  std::uint32_t site_;
  std::uint32_t document_;
  std::uint32_t step_;
};

// `scale` where the value is kept, else 0: of vector `half` of those that the blocks serve.
LANES_INLINE Lanes factors(const Blocks& blocks, std::size_t half, std::int32_t threshold, Lanes scale) {
  LANES_UNROLL(16)
  for (std::size_t i = 0; i < kParts; ++i) {
    const Words word = blocks.word[half / 2][i];
    const Words bits = half % 2 == 1 ? hn::ShiftRight<16>(word) : hn::And(word, hn::Set(WordTag(), 0xFFFF));
    const auto is_kept = hn::Gt(hn::BitCast(IntTag(), bits), hn::Set(IntTag(), threshold - 1));
    scale.part[i] = hn::IfThenElseZero(hn::RebindMask(Tag(), is_kept), scale.part[i]);
  }
  return scale;
}

template <bool kInit>
LANES_INLINE void drop(const DropoutCall& call) {
  const Lanes scale = broadcast(static_cast<float>(call.mask.scale()));
  const auto threshold = static_cast<std::int32_t>(call.mask.threshold());
  Generator generator(call.mask, call.site, 0);
  std::size_t row = 0;
  for (std::size_t d = 0; d < call.documents.size(); ++d) {
    generator.set_document(call.first_document + d);
    const std::size_t vectors = call.documents[d].size * call.x.vectors;
    std::size_t vector = 0;  // of the row
    for (std::size_t begin = 0; begin < vectors; begin += DropoutMask::kVectorsOfBlock) {
      const Blocks blocks = generator.blocks(static_cast<std::uint32_t>(begin / DropoutMask::kVectorsOfBlock * kLanes));
      LANES_UNROLL(8)
      for (std::size_t i = 0; i < DropoutMask::kVectorsOfBlock; ++i) {
        if (begin + i == vectors) break;
        const Lanes factor = factors(blocks, i, threshold, scale);
        const float* const x = call.x.at(row, vector);
        const std::ptrdiff_t at = x - call.x.data;
        store(kInit ? mul_add(load(x), factor, load(call.init + at)) : mul(load(x), factor), call.y.data + at);
        if (++vector == call.x.vectors) {
          vector = 0;
          ++row;
        }
      }
    }
  }
}

void dropout(const DropoutCall& call) {
  if (call.init == nullptr)
    drop<false>(call);
  else
    drop<true>(call);
}

}  // namespace microgpt::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
