"""What networks are made of: blocks, first weights, convolutions in every form.

| module | what it holds |
|---|---|
| `blocks` | `mlp`, `head`, `double_conv`, `response_norm`, `scaled` |
| `weights` | first weights, and `seeded`, the generator they are drawn from |
| `modes` | `eval_mode`: a model in eval mode, every layer restored afterwards |
| `labels` | `join_labels`: labels as further channels |
| `convolutions` | the convolution by loops, by a matrix product, by FFT |
| `locally_connected` | the convolution whose weights are not shared |
"""
