"""ResNet-18 in plain PyTorch, on single pictures: what a backbone is compared with."""

import torch
from torch import nn

_STAGES = (64, 128, 256, 512)


class PlainResNet18(nn.Module):
    """The convolutions of torchvision's ResNet-18, without its classifier.

    Args:
        width: factor on every channel count.

    Call arguments:
        x: pictures `[N, 3, H, W]`.

    Output: `[N, 512 * width]`.

    References: He et al., 2016 (arXiv 1512.03385).
    """

    def __init__(self, width=1.0):
        super().__init__()
        stages = [max(1, round(stage * width)) for stage in _STAGES]
        before, blocks = stages[0], []
        for number, channels in enumerate(stages):
            for stride in (2 if number else 1, 1):
                blocks.append(_Block(before, channels, stride))
                before = channels
        self.stem = nn.Sequential(
            nn.Conv2d(3, stages[0], 7, 2, 3, bias=False),
            nn.BatchNorm2d(stages[0]),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        )
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x):
        return self.blocks(self.stem(x)).mean(dim=(2, 3))


class _Block(nn.Module):
    def __init__(self, before, channels, stride):
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(before, channels, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.shortcut = nn.Identity()
        if stride > 1 or before != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, channels, 1, stride, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x):
        return torch.relu(self.convolutions(x) + self.shortcut(x))
